using System.Collections.Concurrent;
using System.Globalization;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>Whether a field has one value, any number, one for each key, or any number in one message.</summary>
internal enum FieldShape
{
    One,
    List,
    Map,
    Wrapped,
}

/// <summary>One field of a message.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Type of its value, of its items, or of its map's values; a message begins with <c>@</c>.</param>
/// <param name="Shape">How many values it has.</param>
/// <param name="IsPointer">It counts when it is sent, even as zero; other fields are always sent, and zero means absent.</param>
internal sealed record MessageField(string Name, string Type, FieldShape Shape, bool IsPointer)
{
    /// <summary>Its fields stand among those of its parent in JSON.</summary>
    public bool IsInline => Name == "^";
}

/// <summary>The numbering of the built-in kinds, from messages.txt (its form is told in make-table.py). Each message is read when it is first met.</summary>
internal static class MessageTable
{
    private const string Meta = "apimachinery.pkg.apis.meta.v1.";
    private static readonly Lazy<(string Text, Dictionary<string, Range> Places)> Table = new(Load);
    private static readonly ConcurrentDictionary<string, Dictionary<int, MessageField>> Messages = new(StringComparer.Ordinal);

    /// <summary>The message of a kind; null if it has none.</summary>
    public static string? NameOf(GroupVersionKind kind)
    {
        var group = kind.Group.Length == 0 ? "core" : kind.Group.Split('.')[0];
        return ((string[])[$"api.{group}.{kind.Version}.{kind.Kind}", Meta + kind.Kind]).FirstOrDefault(Table.Value.Places.ContainsKey);
    }

    /// <summary>The fields of a message by number.</summary>
    public static Dictionary<int, MessageField> FieldsOf(string message) => Messages.GetOrAdd(message, static name =>
    {
        var (text, places) = Table.Value;
        var fields = new Dictionary<int, MessageField>();
        foreach (var line in text[places[name]].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var shape = parts[2][..2] switch
            {
                "[]" => FieldShape.List,
                "{}" => FieldShape.Map,
                "<>" => FieldShape.Wrapped,
                _ => FieldShape.One,
            };
            var type = shape == FieldShape.One ? parts[2] : parts[2][2..];
            fields.Add(int.Parse(parts[0], CultureInfo.InvariantCulture), new(parts[1].TrimEnd('*'), type, shape, parts[1].EndsWith('*')));
        }

        return fields;
    });

    private static (string Text, Dictionary<string, Range> Places) Load()
    {
        using var reader = new StreamReader(typeof(MessageTable).Assembly.GetManifestResourceStream("Capstan.ApiServer.Http.Protobuf.messages.txt")!);
        var text = reader.ReadToEnd();
        var places = new Dictionary<string, Range>(StringComparer.Ordinal);
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            do
            {
                end = text.IndexOf('\n', end) + 1;
            }
            while (end < text.Length && text[end] == ' ');

            places.Add(text[start..text.IndexOf('\n', start)], start..end);
            start = end;
        }

        return (text, places);
    }
}
