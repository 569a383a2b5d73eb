using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Capstan.Yaml;

/// <summary>Parser events to documents of nodes.</summary>
internal sealed class YamlComposer
{
    /// <summary>Deeper than any object; shallow enough that recursion is safe on every stack.</summary>
    public const int DeepestNesting = 500;

    private const string StandardTagPrefix = "tag:yaml.org,2002:";
    private readonly string _text;
    private readonly string _source;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);

    public YamlComposer(string text, string source)
    {
        _text = text;
        _source = source;
        _scanner = new(new StringReader(text), skipComments: true);
        _parser = new(_scanner);
    }

    /// <summary>The next document, or null at the end of the text.</summary>
    public YamlNode? Next()
    {
        while (MoveNext() is { } current)
        {
            if (current is not DocumentStart) continue;
            _anchors.Clear();
            return Node(Take(), 0);
        }

        return null;
    }

    private YamlNode Node(ParsingEvent start, int depth)
    {
        if (depth > DeepestNesting) throw Fault(start.Start, $"nested more than {DeepestNesting} levels deep");
        switch (start)
        {
            case Scalar scalar:
                var isPlain = scalar.Style == ScalarStyle.Plain;
                return Anchored(scalar, new YamlScalarNode(scalar.Start, scalar.Value, ShortTag(scalar.Tag), isPlain));
            case SequenceStart:
                var sequence = Anchored((NodeEvent)start, new YamlSequenceNode(start.Start));
                for (var item = Take(); item is not SequenceEnd; item = Take()) sequence.Items.Add(Node(item, depth + 1));
                return sequence;
            case MappingStart:
                var mapping = Anchored((NodeEvent)start, new YamlMappingNode(start.Start));
                for (var key = Take(); key is not MappingEnd; key = Take())
                    mapping.Entries.Add((Node(key, depth + 1), Node(Take(), depth + 1)));
                return mapping;
            case AnchorAlias alias:
                return _anchors.TryGetValue(alias.Value.Value, out var target)
                    ? new YamlAliasNode(alias.Start, alias.Value.Value, target)
                    : throw Fault(alias.Start, $"unknown anchor '{alias.Value.Value}' referenced");
            default:
                throw Fault(start.Start, "a value was expected here");
        }
    }

    private T Anchored<T>(NodeEvent start, T node) where T : YamlNode
    {
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = node;
        return node;
    }

    private ParsingEvent Take() => MoveNext() ?? throw new YamlFormatException(_source, 1, 1, "the text ends in the middle of a value");

    private ParsingEvent? MoveNext()
    {
        try
        {
            return _parser.MoveNext() ? _parser.Current : null;
        }
        catch (YamlException e)
        {
            throw IndentedByTab(e) ?? Fault(e.Start, Problem(e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The parser's other way to refuse a text: an unfinished flow list, a tag that is no URI. It had read up to here.
            throw Fault(_scanner.CurrentPosition, "this is not YAML: is a bracket, a comma or a quote missing, or a tag wrong?");
        }
    }

    /// <summary>The parser tells what it was doing before what is wrong ("While parsing ..., did not find ..."): people need the latter.</summary>
    private static string Problem(string message)
    {
        var comma = message.StartsWith("While ", StringComparison.Ordinal) ? message.IndexOf(", ", StringComparison.Ordinal) : -1;
        return message[(comma < 0 ? 0 : comma + 2)..].TrimEnd('.');
    }

    /// <summary>The parser finds the tab but does not say where; people cannot see it either.</summary>
    private YamlFormatException? IndentedByTab(YamlException e)
    {
        if (!e.Message.Contains("tab", StringComparison.Ordinal)) return null;
        var number = 0L;
        foreach (var line in _text.AsSpan().EnumerateLines())
        {
            number++;
            var indent = line.IndexOfAnyExcept(' ');
            if (indent >= 0 && line[indent] == '\t' && number > e.Start.Line) return new(_source, number, indent + 1, "found character that cannot start any token");
        }

        return null;
    }

    private YamlFormatException Fault(Mark at, string fault) => new(_source, at.Line, at.Column, fault);

    private static string ShortTag(TagName tag) =>
        tag.IsEmpty ? ""
        : tag.Value.StartsWith(StandardTagPrefix, StringComparison.Ordinal) ? "!!" + tag.Value[StandardTagPrefix.Length..]
        : tag.Value;
}
