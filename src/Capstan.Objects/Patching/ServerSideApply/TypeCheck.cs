using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>Checks that a configuration fits its schema, in the words of Kubernetes' apply.</summary>
internal sealed class TypeCheck(bool allowsDuplicates)
{
    private readonly List<string> _faults = [];

    /// <summary>What is wrong, or null. A list item may not repeat a key.</summary>
    /// <param name="value">The configuration, or an object that is there.</param>
    /// <param name="type">What it must fit.</param>
    /// <param name="allowsDuplicates">Whether lists may repeat keys all the same, as those of objects may that were written by other means.</param>
    public static string? Check(JsonObject value, MergeType type, bool allowsDuplicates = false)
    {
        var check = new TypeCheck(allowsDuplicates);
        check.Walk(value, type, "");
        return check._faults.Count switch
        {
            0 => null,
            1 => check._faults[0],
            _ => "errors:\n" + string.Join('\n', check._faults.Order(StringComparer.Ordinal).Select(static f => "  " + f)),
        };
    }

    private void Walk(JsonNode? value, MergeType type, string path)
    {
        var forms = Slot.Of(value).FormsIn(type);
        if (value is null)
        {
            return;
        }

        if (forms.HasFlag(MergeForms.Map)) Map(value, type.Map!, path);
        else if (forms.HasFlag(MergeForms.Scalar)) Scalar(value, type.Scalar, path);
        else List(value, type.List!, path);
    }

    private void Map(JsonNode value, MergeMap type, string path)
    {
        if (value is not JsonObject map)
        {
            Add(path, $"expected map, got &{{{GoSyntax.Plain(value)}}}");
            return;
        }

        foreach (var (name, item) in map)
        {
            if (type.Field(name) is { } field)
            {
                Walk(item, field, $"{path}.{name}");
            }
            else
            {
                Add($"{path}.{name}", "field not declared in schema");
                return;
            }
        }
    }

    private void List(JsonNode value, MergeList type, string path)
    {
        if (value is not JsonArray list)
        {
            Add(path, $"expected list, got &{{{GoSyntax.Plain(value)}}}");
            return;
        }

        var seen = new HashSet<PathElement>();
        for (var i = 0; i < list.Count; i++)
        {
            var element = PathElement.Index(i);
            if (!type.IsAtomic)
            {
                if (ListItems.Name(list[i], type, out var fault) is not { } name)
                {
                    Add(path, $"element {i}: {fault}");
                    return;
                }

                element = name;
                if (!seen.Add(element) && !allowsDuplicates) Add(path, $"duplicate entries for key {element}");
            }

            Walk(list[i], type.Items, path + element);
        }
    }

    private void Scalar(JsonNode value, ScalarType type, string path)
    {
        var kind = value.GetValueKind();
        switch (type)
        {
            case ScalarType.Numeric when kind != JsonValueKind.Number:
                Add(path, $"expected numeric (int or float), got {GoSyntax.TypeOf(value)}");
                break;
            case ScalarType.String when kind != JsonValueKind.String:
                Add(path, $"expected string, got &value.valueUnstructured{{Value:{GoSyntax.Literal(value)}}}");
                break;
            case ScalarType.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False):
                Add(path, $"expected boolean, got &{{{GoSyntax.Plain(value)}}}");
                break;
            case ScalarType.Untyped when value is JsonObject or JsonArray:
                Add(path, $"expected any scalar, got &{{{GoSyntax.Plain(value)}}}");
                break;
        }
    }

    private void Add(string path, string fault) => _faults.Add(path.Length == 0 ? fault : $"{path}: {fault}");
}
