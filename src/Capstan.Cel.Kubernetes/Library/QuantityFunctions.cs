using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Amounts of resources: <c>500m</c>, <c>1Gi</c>. Equal are those of equal amount.</summary>
internal static class QuantityFunctions
{
    // Reading, adding and comparing take more than linear time in the digits.
    private const int MaxLength = 10_000;

    /// <summary>Kubernetes has <c>sign</c> as a function only, though its documentation shows a method: here it is both.</summary>
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        quantity
          string_to_quantity (string) -> kubernetes.Quantity
        isQuantity
          is_quantity_string (string) -> bool
        sign
          quantity_sign (kubernetes.Quantity) -> int
          quantity_sign_member kubernetes.Quantity.() -> int
        isGreaterThan
          quantity_is_greater_than kubernetes.Quantity.(kubernetes.Quantity) -> bool
        isLessThan
          quantity_is_less_than kubernetes.Quantity.(kubernetes.Quantity) -> bool
        compareTo
          quantity_compare_to kubernetes.Quantity.(kubernetes.Quantity) -> int
        asApproximateFloat
          quantity_get_float kubernetes.Quantity.() -> double
        asInteger
          quantity_get_int kubernetes.Quantity.() -> int
        isInteger
          quantity_is_integer kubernetes.Quantity.() -> bool
        add
          quantity_add kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity
          quantity_add_int kubernetes.Quantity.(int) -> kubernetes.Quantity
        sub
          quantity_sub kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity
          quantity_sub_int kubernetes.Quantity.(int) -> kubernetes.Quantity
        """);

    public static void Declare(FunctionSet set)
    {
        set.OfText("quantity", text => TryParse(text, out var amount, out var error) ? Of(amount) : CelValue.Failure(error!));
        set.OfText("isQuantity", text => CelValue.Of(TryParse(text, out _, out _)));
        set.Global("sign", 1, a => a[0].As<QuantityValue>() is { } q ? Sign(q) : FunctionSet.NoOverload("sign"));
        set.Of<QuantityValue>("sign", Sign);
        set.OfTwo<QuantityValue>("isGreaterThan", (x, y) => CelValue.Of(x.Amount > y.Amount));
        set.OfTwo<QuantityValue>("isLessThan", (x, y) => CelValue.Of(x.Amount < y.Amount));
        set.OfTwo<QuantityValue>("compareTo", (x, y) => CelValue.Of((long)x.Amount.CompareTo(y.Amount)));
        set.Of<QuantityValue>("asApproximateFloat", q => CelValue.Of(q.Amount.AsApproximateDouble()));
        set.Of<QuantityValue>("asInteger", q =>
            q.Amount.TryGetInt64(out var whole) ? CelValue.Of(whole) : CelValue.Failure("cannot convert value to integer"));
        set.Of<QuantityValue>("isInteger", q => CelValue.Of(q.Amount.IsInteger));
        set.Member("add", 1, a => Combine(a, "add", (x, y) => x.Add(y), (x, y) => x.Add(y)));
        set.Member("sub", 1, a => Combine(a, "sub", (x, y) => x.Subtract(y), (x, y) => x.Subtract(y)));
    }

    private static bool TryParse(string text, out Quantity amount, out string? error)
    {
        if (text.Length <= MaxLength)
        {
            return Quantity.TryParse(text, out amount, out error);
        }

        (amount, error) = (default, $"quantities longer than {MaxLength} characters are not supported");
        return false;
    }

    private static CelValue Of(Quantity amount) => CelValue.Of(new QuantityValue(amount));

    private static CelValue Sign(QuantityValue quantity) => CelValue.Of((long)quantity.Amount.Sign);

    private static CelValue Combine(
        ReadOnlySpan<CelValue> a, string name, Func<Quantity, Quantity, Quantity> withQuantity, Func<Quantity, long, Quantity> withInteger)
    {
        if (a[0].As<QuantityValue>() is not { } quantity)
        {
            return FunctionSet.NoOverload(name);
        }

        try
        {
            return a[1].Kind == CelKind.Int ? Of(withInteger(quantity.Amount, a[1].Int))
                : a[1].As<QuantityValue>() is { } other ? Of(withQuantity(quantity.Amount, other.Amount))
                : FunctionSet.NoOverload(name);
        }
        catch (OverflowException e)
        {
            return CelValue.Failure(e.Message);
        }
    }
}

/// <summary>An amount as a value of CEL.</summary>
internal sealed record QuantityValue(Quantity Amount) : ICelObject
{
    public string TypeName => "kubernetes.Quantity";

    public override string ToString() => Amount.ToString();
}
