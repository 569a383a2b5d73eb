using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Templating;

/// <summary>One entry of a KubeTemplate, read and named, before anything is decided about it.</summary>
/// <param name="Index">Its place in <c>spec.templates</c>.</param>
/// <param name="Kind">What it says it is.</param>
/// <param name="Key">Where it is to go; the template's namespace where it names none.</param>
/// <param name="Entry">The entry as written.</param>
internal sealed record Manifest(int Index, GroupVersionKind Kind, ObjectKey Key, TemplateEntry Entry)
{
    /// <summary>Members of <c>metadata</c> that the server owns: in an apply they are refused, or turn it into a conditional update.</summary>
    public static readonly IReadOnlyList<string> ServerOwned = ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"];

    /// <summary>Whether objects of the kind live in a namespace; null while the server serves no such kind.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>Name of the entry within the template.</summary>
    public string Id => IdOf(Entry, Index);

    /// <summary>Which object it is. A kind that is not served is taken for one with namespaces.</summary>
    public ObjectIdentity Identity => new(Kind.Group, Kind.Kind, Namespaced == false ? "" : Key.Namespace, Key.Name);

    /// <summary>Group and kind that a CustomResourceDefinition defines; empty for anything else.</summary>
    public (string Group, string Kind) Defines =>
        Entry.Object.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("names", out var names)
            ? (Text(spec, "group") ?? "", Text(names, "kind") ?? "")
            : ("", "");

    /// <summary>Id of an entry: the one that it has, else its place in the list.</summary>
    public static string IdOf(TemplateEntry entry, int index) =>
        entry.Id is { Length: > 0 } id ? id : index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>How messages name the entry, for example <c>template[1] Deployment default/web</c>.</summary>
    public override string ToString() => $"template[{Index}] {Kind.Kind} {Key}";

    /// <summary>All entries of a template that can be read.</summary>
    public static List<Manifest> ReadAll(KubeTemplate template)
    {
        var result = new List<Manifest>();
        foreach (var (index, entry) in template.Spec.Templates.Index())
        {
            try
            {
                result.Add(Read(index, entry, template.Key.Namespace));
            }
            catch (TemplateException)
            {
                // Who asks for those that can be read has no use for the others.
            }
        }

        return result;
    }

    /// <summary>Reads what an entry says it is.</summary>
    /// <exception cref="TemplateException">It is no object, or lacks apiVersion, kind or name.</exception>
    public static Manifest Read(int index, TemplateEntry entry, string templateNamespace)
    {
        var json = entry.Object;
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Broken("object is missing or is no JSON object");
        }

        var kind = Text(json, "kind");
        var apiVersion = Text(json, "apiVersion");
        if (kind is null)
        {
            throw Broken("object has no kind");
        }

        if (apiVersion is null)
        {
            throw Broken($"{kind} has no apiVersion");
        }

        var metadata = json.TryGetProperty("metadata", out var m) && m.ValueKind == JsonValueKind.Object ? m : default;
        var name = Text(metadata, "name");
        return name is null
            ? throw Broken($"{kind} has no metadata.name")
            : new(index, GroupVersionKind.Parse(apiVersion, kind), new(Text(metadata, "namespace") ?? templateNamespace, name), entry);

        TemplateException Broken(string what) => new(FailureReasons.InvalidTemplate, $"template[{index}]: {what}");
    }

    /// <summary>The object to apply, as a tree: see <see cref="ManifestBody"/>.</summary>
    public JsonObject ToObject(KubeTemplate template, bool namespaced) =>
        JsonNode.Parse(ManifestBody.Of(this, template, namespaced).Span, documentOptions: new() { MaxDepth = 1024 })!.AsObject();

    /// <summary>The object as checks see it: as written, with its namespace filled in.</summary>
    public JsonElement InItsNamespace()
    {
        var metadata = Entry.Object.GetProperty("metadata");
        if (Text(metadata, "namespace") is not null)
        {
            return Entry.Object;
        }

        // Bytes are put between bytes: a tree of nodes would cost more than all checks of the object.
        var whole = JsonMarshal.GetRawUtf8Value(Entry.Object);
        if (metadata.TryGetProperty("namespace", out _) || !whole.Overlaps(JsonMarshal.GetRawUtf8Value(metadata), out var at))
        {
            var result = JsonObject.Create(Entry.Object)!;
            result["metadata"]!["namespace"] = Key.Namespace;
            return JsonSerializer.SerializeToElement(result, ResourcesJson.Default.JsonObject);
        }

        // There is a name after it, or this would be no manifest.
        var text = JsonEncodedText.Encode(Key.Namespace).EncodedUtf8Bytes;
        var start = at + 1;
        return JsonElement.Parse([.. whole[..start], .. "\"namespace\":\""u8, .. text, .. "\","u8, .. whole[start..]]);
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
