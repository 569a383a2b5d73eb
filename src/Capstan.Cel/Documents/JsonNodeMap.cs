using System.Text.Json.Nodes;

namespace Capstan.Cel.Documents;

/// <summary>
/// A <see cref="JsonObject"/>, read where it is. One that was parsed and has a name twice, or half a character in a name, cannot be read at all
/// (the framework finds it when it is first asked): each of its fields is then an error.
/// </summary>
internal sealed class JsonNodeMap(JsonObject node) : CelMap
{
    public override int Count
    {
        get
        {
            try
            {
                return node.Count;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return 1;
            }
        }
    }

    public override (CelValue Key, CelValue Value) Entry(int index)
    {
        try
        {
            var (name, value) = node.GetAt(index);
            return (CelValue.Of(name), CelValue.Of(value));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return (JsonNodeText.Unreadable(e), JsonNodeText.Unreadable(e));
        }
    }

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        if (key.Kind != CelKind.String)
        {
            return false;
        }

        try
        {
            return TryGet(key.String, out value);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            value = JsonNodeText.Unreadable(e);
            return true;
        }
    }

    private bool TryGet(string name, out CelValue value)
    {
        var found = node.TryGetPropertyValue(name, out var item);
        if (found && node.Options is { PropertyNameCaseInsensitive: true })
        {
            // CEL's names have a case whatever the program that made the object thinks of them.
            found = node.GetAt(node.IndexOf(name)).Key == name;
        }

        value = found ? CelValue.Of(item) : default;
        return found;
    }
}
