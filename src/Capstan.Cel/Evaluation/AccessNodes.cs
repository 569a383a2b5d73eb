using System.Text;

namespace Capstan.Cel.Evaluation;

/// <summary><c>operand.field</c>, and <c>operand.?field</c>. Through an optional it stays optional.</summary>
internal sealed class SelectNode(int id, EvalNode operand, string field, bool optional) : EvalNode(id)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(field);
    private readonly CelValue _key = CelValue.Of(field);

    public override void Evaluate(Frame frame, out CelValue result)
    {
        operand.Evaluate(frame, out var value);
        if (value.Kind == CelKind.Map)
        {
            if (!Access.TryGet(value, _key, _utf8, out result))
            {
                result = optional ? CelValue.Of(CelOptional.None) : CelValue.Error(EvalErrorKind.NoSuchKey, Id, field);
            }
            else if (optional && !result.IsError)
            {
                result = CelValue.Of(CelOptional.Of(result));
            }

            return;
        }

        if (value.Kind == CelKind.Optional)
        {
            if (!value.Optional.HasValue)
            {
                result = value;
                return;
            }

            var inner = value.Optional.Value;
            result = inner.Kind != CelKind.Map ? CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "select")
                : !Access.TryGet(inner, _key, _utf8, out var found) ? CelValue.Of(CelOptional.None)
                : found.IsError ? found : CelValue.Of(CelOptional.Of(found));
            return;
        }

        result = value.IsError ? value : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "select");
    }
}

/// <summary><c>has(operand.field)</c></summary>
internal sealed class PresenceNode(int id, EvalNode operand, string field) : BoolNode(id)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(field);
    private readonly CelValue _key = CelValue.Of(field);

    public override int EvalBool(Frame frame)
    {
        operand.Evaluate(frame, out var value);
        if (value.Kind == CelKind.Optional)
        {
            if (!value.Optional.HasValue)
            {
                return False;
            }

            value = value.Optional.Value;
        }

        if (value.Kind != CelKind.Map)
        {
            return Fail(frame, value.IsError ? value : CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "has"));
        }

        // A map that cannot be read has every key, and an error for it.
        return !Access.TryGet(value, _key, _utf8, out var found) ? False : found.IsError ? Fail(frame, found) : True;
    }
}

/// <summary><c>container[key]</c>, and <c>container[?key]</c>.</summary>
internal sealed class IndexNode(int id, EvalNode container, EvalNode key, bool optional) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        container.Evaluate(frame, out var value);
        if (value.IsError)
        {
            result = value;
            return;
        }

        key.Evaluate(frame, out var at);
        if (at.IsError)
        {
            result = at;
            return;
        }

        var chained = value.Kind == CelKind.Optional;
        if (chained && !value.Optional.HasValue)
        {
            result = value;
            return;
        }

        result = Access.Index(chained ? value.Optional.Value : value, at, Id);
        if (optional || chained)
        {
            result = !result.IsError ? CelValue.Of(CelOptional.Of(result))
                : result.ErrorKind is EvalErrorKind.NoSuchKey or EvalErrorKind.IndexOutOfBounds ? CelValue.Of(CelOptional.None) : result;
        }
    }
}
