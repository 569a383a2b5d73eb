using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace Capstan.Yaml;

/// <summary>One document of a text, and where its parts stand there. Immutable as long as nobody changes <see cref="Content"/>.</summary>
public sealed class YamlDocument
{
    private readonly YamlNode? _root;

    internal YamlDocument(JsonNode content, YamlNode? root)
    {
        Content = content;
        _root = root;
    }

    /// <summary>What it says.</summary>
    public JsonNode Content { get; }

    /// <summary>Where a part stands: the name of a field, the beginning of an item. Where the pointer leads to nothing, the last part on its way that is there.</summary>
    /// <param name="pointer">A JSON pointer, for example <c>/spec/templates/1/object</c>; empty is the whole document.</param>
    public YamlPlace PlaceOf(string pointer)
    {
        if (_root is null)
        {
            return new(1, 1);
        }

        var (node, place) = (_root, _root.Start);
        foreach (var step in pointer.Split('/').Skip(1).Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            while (node is YamlAliasNode alias)
            {
                node = alias.Target;
            }

            if (Next(node, step) is not ({ } next, var mark))
            {
                break;
            }

            (node, place) = (next, mark);
        }

        return new(place.Line, place.Column);
    }

    private static (YamlNode? Node, Mark Place) Next(YamlNode node, string step)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                var (key, value) = mapping.Entries.FindLast(entry => entry.Key is YamlScalarNode name && name.Value == step);
                return key is null ? default : (value, key.Start);
            case YamlSequenceNode sequence when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < sequence.Items.Count:
                return (sequence.Items[index], sequence.Items[index].Start);
            default:
                return default;
        }
    }
}

/// <summary>A place in a text.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public readonly record struct YamlPlace(long Line, long Column);
