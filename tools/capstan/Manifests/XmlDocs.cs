using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Capstan.Tool.Manifests;

/// <summary>Summaries of XML comments, from the .xml file that the compiler puts beside an assembly (<c>GenerateDocumentationFile</c>).</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<Assembly, IReadOnlyDictionary<string, XElement>> _files = [];

    /// <summary>The summary as plain text, or null when there is none.</summary>
    public string? Of(Type type) => Of(type.Assembly, $"T:{Name(type)}");

    /// <inheritdoc cref="Of(Type)"/>
    public string? Of(PropertyInfo property) => Of(property.DeclaringType!.Assembly, $"P:{Name(property.DeclaringType!)}.{property.Name}");

    private string? Of(Assembly assembly, string member)
    {
        if (!_files.TryGetValue(assembly, out var file))
        {
            _files[assembly] = file = Read(Path.ChangeExtension(assembly.Location, ".xml"));
        }

        return file.TryGetValue(member, out var summary) && Text(summary) is { Length: > 0 } text ? text : null;
    }

    private static Dictionary<string, XElement> Read(string path) => File.Exists(path)
        ? XDocument.Load(path, LoadOptions.PreserveWhitespace).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!)
        : [];

    private static string Text(XElement summary) => Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();

    // A reference to a property is a reference to its JSON field, as far as a reader of the schema is concerned.
    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" } see => see.Attribute("langword")?.Value ?? (see.IsEmpty ? Referenced((string?)see.Attribute("cref") ?? (string?)see.Attribute("href") ?? "") : see.Value),
        XElement { Name.LocalName: "paramref" or "typeparamref" } name => (string?)name.Attribute("name") ?? "",
        XElement element => string.Concat(element.Nodes().Select(Text)) + (element.Name.LocalName == "para" ? " " : ""),
        _ => "",
    };

    private static string Referenced(string cref)
    {
        var name = cref[(cref.LastIndexOf('.') + 1)..];
        return cref.StartsWith("P:", StringComparison.Ordinal) ? JsonNamingPolicy.CamelCase.ConvertName(name) : cref.StartsWith("http", StringComparison.Ordinal) ? cref : name;
    }

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
