using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Workloads.Hashes;

/// <summary>A template as kube-controller-manager dumps it to hash it: each field of its Go structs with name, type and value, also those that are not set. Pure.</summary>
/// <remarks>Source: k8s.io/utils/dump ForHash, which is go-spew's <c>%#v</c>. A change here renames every ReplicaSet.</remarks>
internal sealed class GoDump
{
    private const string NoTime = "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";

    private readonly StringBuilder _text = new(8192);
    private readonly GoTypes _types = GoTypes.All;

    private GoDump()
    {
    }

    /// <summary>Dumps a pod template.</summary>
    public static string Of(JsonObject template)
    {
        var dump = new GoDump();
        dump.Write("v1.PodTemplateSpec", template, saysType: true);
        return dump._text.ToString();
    }

    private void Write(string type, JsonNode? node, bool saysType)
    {
        if (type[0] != '*')
        {
            Begin(saysType, type);
            WriteValue(type, node);
            return;
        }

        // A pointer says its type even where others do not, as so many stars.
        _text.Append(saysType ? $"({type})" : node is null ? "" : "<*>");
        if (node is null)
        {
            _text.Append("<nil>");
        }
        else
        {
            WriteValue(type[1..], node);
        }
    }

    private void WriteValue(string type, JsonNode? node)
    {
        var plain = _types.Resolve(type);
        switch (plain)
        {
            case "string" or "types.UID":
                _text.Append(node?.GetValue<string>() ?? "");
                break;
            case "bool":
                _text.Append(node?.GetValue<bool>() == true ? "true" : "false");
                break;
            case "resource.Quantity":
                GoQuantity.Write(_text, node?.GetValue<string>());
                break;
            case "intstr.IntOrString":
                var number = node is JsonValue value && value.TryGetValue<int>(out var found) ? found : (int?)null;
                _text.Append(CultureInfo.InvariantCulture, $"{{Type:(intstr.Type){(node is null || number is not null ? 0 : 1)} IntVal:(int32){number ?? 0} StrVal:(string){(number is null ? node?.GetValue<string>() : "")}}}");
                break;
            case "v1.Time":
                _text.Append(NoTime);
                break;
            case var _ when plain.StartsWith("[]", StringComparison.Ordinal):
                WriteList(plain[2..], node as JsonArray);
                break;
            case var _ when plain.StartsWith("map[", StringComparison.Ordinal):
                WriteMap(plain[(plain.IndexOf(']', StringComparison.Ordinal) + 1)..], node as JsonObject);
                break;
            default:
                WriteOther(plain, node);
                break;
        }
    }

    private void WriteList(string type, JsonArray? items)
    {
        if (items is null or { Count: 0 })
        {
            _text.Append("<nil>");
            return;
        }

        _text.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            _text.Append(i > 0 ? " " : "");
            Write(type, items[i], saysType: false);
        }

        _text.Append(']');
    }

    private void WriteMap(string type, JsonObject? entries)
    {
        if (entries is null or { Count: 0 })
        {
            _text.Append("<nil>");
            return;
        }

        var separator = "map[";
        foreach (var (key, value) in entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            _text.Append(separator).Append(key).Append(':');
            Write(type, value, saysType: false);
            separator = " ";
        }

        _text.Append(']');
    }

    private void WriteOther(string type, JsonNode? node)
    {
        if (_types.FieldsOf(type) is not { } fields)
        {
            // A number.
            _text.Append(node?.ToJsonString() ?? "0");
            return;
        }

        var separator = '{';
        foreach (var field in fields)
        {
            _text.Append(separator).Append(field.Name).Append(':');
            Write(field.Type, field.Json is null ? node : (node as JsonObject)?[field.Json], saysType: true);
            separator = ' ';
        }

        _text.Append('}');
    }

    private void Begin(bool saysType, string type)
    {
        if (saysType)
        {
            _text.Append('(').Append(type).Append(')');
        }
    }
}
