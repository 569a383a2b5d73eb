using System.Globalization;
using System.Text;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>Where a value is; becomes text only when something is wrong there.</summary>
internal sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _name;
    private readonly bool _isKey;

    private FieldPath(FieldPath? parent, string name, bool isKey)
    {
        _parent = parent;
        _name = name;
        _isKey = isKey;
    }

    /// <summary>The path of a whole object: of no text, unless one is given.</summary>
    public static FieldPath? Root(string path) => path.Length == 0 ? null : new(null, path, isKey: false);

    public static FieldPath Child(FieldPath? parent, string name) => new(parent, name, isKey: name.Length == 0);

    public static FieldPath Key(FieldPath? parent, string key) => new(parent, key, isKey: true);

    public static FieldPath Index(FieldPath? parent, int index) => Key(parent, index.ToString(CultureInfo.InvariantCulture));

    /// <summary>The text, as Go's package field writes it; nothing at all is <c>&lt;nil&gt;</c>.</summary>
    public static string Text(FieldPath? path)
    {
        if (path is null)
        {
            return "<nil>";
        }

        var parts = new Stack<FieldPath>();
        for (var part = path; part is not null; part = part._parent)
        {
            parts.Push(part);
        }

        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part._isKey ? $"[{part._name}]" : part._parent is null ? part._name : $".{part._name}");
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Text(this);
}
