using Capstan.Cel.Costs;

namespace Capstan.Cel.Evaluation;

internal sealed class ListNode(int id, EvalNode[] items, bool[] optional) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        Make(frame, out result);
        frame.Charge(CostFactors.ListCreateBaseCost);
    }

    private void Make(Frame frame, out CelValue result)
    {
        var values = new CelValue[items.Length];
        var count = 0;
        for (var i = 0; i < items.Length; i++)
        {
            items[i].Evaluate(frame, out var value);
            if (value.IsError)
            {
                result = value;
                return;
            }

            if (optional[i])
            {
                if (value.Kind != CelKind.Optional)
                {
                    result = CelValue.Error(EvalErrorKind.NoSuchOverload, items[i].Id, "[?_]");
                    return;
                }

                if (!value.Optional.HasValue)
                {
                    continue;
                }

                value = value.Optional.Value;
            }

            values[count++] = value;
        }

        result = CelValue.Of(CelList.Of(values, count));
    }
}

/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="entries">Keys and values.</param>
/// <param name="lenient">Kubernetes takes any key but bytes, and the last of equal ones; the specification has errors for both.</param>
/// <param name="cost">Of a map or of a message.</param>
internal sealed class MapNode(int id, (EvalNode Key, EvalNode Value, bool IsOptional)[] entries, bool lenient, ulong cost) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        Make(frame, out result);
        frame.Charge(cost);
    }

    private void Make(Frame frame, out CelValue result)
    {
        var builder = new MapBuilder(entries.Length);
        foreach (var (keyNode, valueNode, isOptional) in entries)
        {
            keyNode.Evaluate(frame, out var key);
            if (key.IsError)
            {
                result = key;
                return;
            }

            valueNode.Evaluate(frame, out var value);
            if (value.IsError)
            {
                result = value;
                return;
            }

            if (isOptional)
            {
                if (value.Kind != CelKind.Optional)
                {
                    result = CelValue.Error(EvalErrorKind.NoSuchOverload, valueNode.Id, "{?_:_}");
                    return;
                }

                if (!value.Optional.HasValue)
                {
                    builder.Remove(key);
                    continue;
                }

                value = value.Optional.Value;
            }

            if (key.Kind is not (CelKind.Bool or CelKind.Int or CelKind.Uint or CelKind.String) && (!lenient || key.Kind == CelKind.Bytes))
            {
                result = CelValue.Error(EvalErrorKind.UnsupportedKey, keyNode.Id, key.TypeName);
                return;
            }

            if (key.Kind is CelKind.List or CelKind.Map or CelKind.Optional && !frame.Work(ValueWeight.Of(key)))
            {
                result = frame.Abort;
                return;
            }

            if (!builder.TryAdd(key, value))
            {
                if (!lenient)
                {
                    result = CelValue.Error(EvalErrorKind.DuplicateKey, keyNode.Id, key.ToString());
                    return;
                }

                builder.Replace(key, value);
            }
        }

        result = CelValue.Of(builder.Build());
    }
}

/// <summary>Collects the entries of a new map, each key once.</summary>
internal sealed class MapBuilder(int capacity)
{
    private readonly List<(CelValue Key, CelValue Value)> _entries = new(capacity);
    private readonly Dictionary<CelValue, int> _index = new(capacity, KeyComparer.Instance);

    public bool TryAdd(in CelValue key, in CelValue value)
    {
        if (!_index.TryAdd(key, _entries.Count))
        {
            return false;
        }

        _entries.Add((key, value));
        return true;
    }

    public void Replace(in CelValue key, in CelValue value) => _entries[_index[key]] = (key, value);

    public void Remove(in CelValue key)
    {
        if (_index.Remove(key, out var at))
        {
            _entries.RemoveAt(at);
            for (; at < _entries.Count; at++)
            {
                _index[_entries[at].Key] = at;
            }
        }
    }

    public CelMap Build() => CelMap.OfUnique(_entries);
}
