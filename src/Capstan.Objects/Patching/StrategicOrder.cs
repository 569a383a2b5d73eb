using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>The order of a merged list: items that the patch names stand in the patch's order, the others in the server's, and an item of the server
/// goes first only where the server had it before the patch's next one.</summary>
/// <remarks>Positions are found by hashing, so that a list of n items costs n log n.</remarks>
internal sealed class StrategicOrder
{
    private readonly string? _key;
    private readonly Dictionary<string, int> _server;
    private readonly Dictionary<string, int> _patch;

    /// <param name="key">Merge key; null for scalars.</param>
    /// <param name="server">The list as it was.</param>
    /// <param name="patch">What the patch names, in its order.</param>
    public StrategicOrder(string? key, IReadOnlyCollection<JsonNode?> server, IReadOnlyCollection<JsonNode?> patch)
    {
        _key = key;
        _server = Positions(server);
        _patch = Positions(patch);
    }

    public IEnumerable<JsonNode?> Arrange(IReadOnlyCollection<JsonNode?> merged)
    {
        var named = merged.Where(item => _patch.ContainsKey(Identity(item))).OrderBy(item => _patch[Identity(item)]).ToList();
        var others = merged.Where(item => !_patch.ContainsKey(Identity(item))).OrderBy(item => _server.GetValueOrDefault(Identity(item), -1)).ToList();
        var (i, j) = (0, 0);
        while (i < others.Count || j < named.Count)
        {
            var takeOther = j == named.Count || (i < others.Count && IsBefore(others[i], named[j]));
            yield return takeOther ? others[i++] : named[j++];
        }
    }

    private bool IsBefore(JsonNode? other, JsonNode? named) =>
        _server.TryGetValue(Identity(other), out var left) && _server.TryGetValue(Identity(named), out var right) && left < right;

    private Dictionary<string, int> Positions(IReadOnlyCollection<JsonNode?> items)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        var position = 0;
        foreach (var item in items)
        {
            positions.TryAdd(Identity(item), position++);
        }

        return positions;
    }

    private string Identity(JsonNode? item) => GoFormat.Json(_key is null ? item : StrategicList.KeyOf(item, _key));
}
