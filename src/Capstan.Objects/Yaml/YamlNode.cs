using YamlDotNet.Core;

namespace Capstan.Yaml;

/// <summary>A composed YAML value. An alias is the very node that it names, so a tree may share parts, or contain itself.</summary>
internal abstract class YamlNode(Mark start)
{
    public Mark Start { get; } = start;
}

internal sealed class YamlScalarNode(Mark start, string value, string tag, bool isPlain) : YamlNode(start)
{
    public string Value { get; } = value;

    /// <summary>Short form (<c>!!int</c>), or empty.</summary>
    public string Tag { get; } = tag;

    /// <summary>Neither quoted nor a block: what it reads as decides its type.</summary>
    public bool IsPlain { get; } = isPlain;

    public bool IsMergeKey => Value == "<<" && (Tag.Length == 0 ? IsPlain : Tag == "!!merge");
}

internal sealed class YamlSequenceNode(Mark start) : YamlNode(start)
{
    public List<YamlNode> Items { get; } = [];
}

internal sealed class YamlMappingNode(Mark start) : YamlNode(start)
{
    public List<(YamlNode Key, YamlNode Value)> Entries { get; } = [];
}

/// <summary>A use of <c>*name</c>: kept apart from its target, so that what aliases multiply can be counted.</summary>
internal sealed class YamlAliasNode(Mark start, string name, YamlNode target) : YamlNode(start)
{
    public string Name { get; } = name;

    public YamlNode Target { get; } = target;
}
