using Capstan.Cel.Documents;

namespace Capstan.Cel.Evaluation;

/// <summary><c>operand.field</c>, and <c>operand.?field</c>. Through an optional it stays optional.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="operand">What it is a field of.</param>
/// <param name="field">The name.</param>
/// <param name="optional">Whether it is <c>.?</c>.</param>
/// <param name="lenient">Whether of what is neither list nor map <c>.?</c> is none, as in Kubernetes; else that is an error.</param>
/// <param name="surcharge">
/// 1 for what begins a chain of fields and indexes, a variable or a value that was made: it is charged where the chain ends, even if a field
/// before is missing. 0 inside of a chain, and where cel-go does not charge it: in a branch of <c>?:</c>, in an index, and after a <c>?:</c>.
/// </param>
internal sealed class SelectNode(int id, EvalNode operand, string field, bool optional, bool lenient, ulong surcharge) : EvalNode(id)
{
    private readonly FieldName _name = new(field);

    public override void Evaluate(Frame frame, out CelValue result)
    {
        operand.Evaluate(frame, out var value);
        if (value.IsError)
        {
            frame.Charge(surcharge);
            result = value;
            return;
        }

        if (value.Kind == CelKind.Optional || optional)
        {
            var found = OfOptional(value, out result);
            frame.Charge(found ? surcharge + 1 : surcharge);
            return;
        }

        frame.Charge(surcharge + 1);
        if (value.Kind != CelKind.Map)
        {
            result = Access.NotIn(value, CelValue.Of(field), Id);
        }
        else if (!Access.TryGet(value, _name, out result))
        {
            result = CelValue.Error(EvalErrorKind.NoSuchKey, Id, field);
        }
    }

    // A field that is absent is not charged.
    private bool OfOptional(in CelValue value, out CelValue result)
    {
        if (value.Kind == CelKind.Optional && !value.Optional.HasValue)
        {
            result = value;
            return false;
        }

        var inner = value.Kind == CelKind.Optional ? value.Optional.Value : value;
        if (inner.Kind != CelKind.Map)
        {
            result = lenient && inner.Kind != CelKind.List ? CelValue.Of(CelOptional.None) : Access.NotIn(inner, CelValue.Of(field), Id);
            return false;
        }

        var found = Access.TryGet(inner, _name, out var item);
        result = item.IsError ? item : CelValue.Of(found ? CelOptional.Of(item) : CelOptional.None);
        return found && !item.IsError;
    }
}

/// <summary><c>has(operand.field)</c></summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="operand">What it is a field of.</param>
/// <param name="field">The name.</param>
/// <param name="lenient">Whether a scalar has no field, as in Kubernetes; else it is an error to ask.</param>
internal sealed class PresenceNode(int id, EvalNode operand, string field, bool lenient) : BoolNode(id)
{
    private readonly FieldName _name = new(field);

    public override int EvalBool(Frame frame)
    {
        if (operand.TryLocate(frame, out var document, out var node, out var value))
        {
            if (document.Kind(node) == TapeKind.Object)
            {
                frame.Charge(1);
                return document.TryGet(node, _name, out _) ? True : False;
            }

            value = CelValue.Of(document, node);
        }

        if (value.IsError)
        {
            return Fail(frame, value);
        }

        var chained = value.Kind == CelKind.Optional;
        if (chained)
        {
            if (!value.Optional.HasValue)
            {
                return False;
            }

            value = value.Optional.Value;
        }

        var item = default(CelValue);
        var found = value.Kind == CelKind.Map && (value.IsJson ? Access.Has(value, _name) : Access.TryGet(value, _name, out item));
        if (found || !chained)
        {
            frame.Charge(1);
        }

        // A map that cannot be read has every key, and an error for it.
        return found ? (item.IsError ? Fail(frame, item) : True)
            : value.Kind == CelKind.Map || (lenient && value.Kind != CelKind.List) ? False
            : Fail(frame, Access.NotIn(value, CelValue.Of(field), Id));
    }
}

/// <summary><c>container[key]</c>, and <c>container[?key]</c>.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="container">The list or map.</param>
/// <param name="key">The index or key.</param>
/// <param name="optional">Whether it is <c>[?]</c>.</param>
/// <param name="lenient">See <see cref="SelectNode"/>.</param>
/// <param name="surcharge">See <see cref="SelectNode"/>.</param>
internal sealed class IndexNode(int id, EvalNode container, EvalNode key, bool optional, bool lenient, ulong surcharge) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        container.Evaluate(frame, out var value);
        var chained = value.Kind == CelKind.Optional;
        if (value.IsError || (chained && !value.Optional.HasValue))
        {
            frame.Charge(surcharge);
            result = value;
            return;
        }

        key.Evaluate(frame, out var at);
        var inner = chained ? value.Optional.Value : value;
        result = at.IsError ? at : Access.Index(inner, at, Id);
        if (optional || chained)
        {
            var found = !result.IsError;
            var absent = !found && !at.IsError && (inner.Kind is CelKind.List or CelKind.Map
                ? result.ErrorKind is EvalErrorKind.NoSuchKey or EvalErrorKind.IndexOutOfBounds
                : lenient);
            frame.Charge(found ? surcharge + 1 : surcharge);
            result = found ? CelValue.Of(CelOptional.Of(result)) : absent ? CelValue.Of(CelOptional.None) : result;
            return;
        }

        frame.Charge(surcharge + 1);
    }
}
