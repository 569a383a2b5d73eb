using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Capstan.Webhooks;

/// <summary>A conversion of one version to one other.</summary>
/// <param name="From">What it takes.</param>
/// <param name="To">What it gives.</param>
/// <param name="Convert">The user's; may throw anything.</param>
internal sealed record ConversionStep(GroupVersionKind From, GroupVersionKind To, Func<DynamicObject, JsonObject> Convert);

/// <summary>The shortest ways between versions, found once. Immutable.</summary>
internal sealed class ConversionPaths
{
    private readonly FrozenDictionary<(GroupVersionKind From, GroupVersionKind To), IReadOnlyList<ConversionStep>> _paths;

    public ConversionPaths(IReadOnlyList<ConversionStep> steps)
    {
        var paths = new Dictionary<(GroupVersionKind, GroupVersionKind), IReadOnlyList<ConversionStep>>();
        foreach (var from in steps.Select(step => step.From).Distinct())
        {
            var waiting = new Queue<(GroupVersionKind At, IReadOnlyList<ConversionStep> Path)>([(from, [])]);
            while (waiting.TryDequeue(out var reached))
            {
                foreach (var step in steps.Where(step => step.From == reached.At && step.To != from))
                {
                    IReadOnlyList<ConversionStep> path = [.. reached.Path, step];
                    if (paths.TryAdd((from, step.To), path))
                    {
                        waiting.Enqueue((step.To, path));
                    }
                }
            }
        }

        _paths = paths.ToFrozenDictionary();
    }

    /// <summary>Steps in order; null: nobody said how.</summary>
    public IReadOnlyList<ConversionStep>? Find(GroupVersionKind from, GroupVersionKind to) => _paths.GetValueOrDefault((from, to));
}
