using Capstan;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>The entries of a template before a change, found by the object that they are for, wherever they stood in the list and whatever version they named.</summary>
/// <remarks>Not thread-safe: one judgement is one thread's. They are read once, when the first is asked for.</remarks>
/// <param name="old">The template before; null where there was none, and always in the worker, which sees only what is.</param>
internal sealed class EntriesBefore(KubeTemplate? old)
{
    private Dictionary<(string Group, string Kind, ObjectKey Key), Manifest>? _entries;

    /// <summary>What was for the same object before; null when nothing was.</summary>
    public Manifest? Of(Manifest manifest) => old is null ? null : (_entries ??= Read(old)).GetValueOrDefault(Identity(manifest));

    private static (string Group, string Kind, ObjectKey Key) Identity(Manifest manifest) => (manifest.Kind.Group, manifest.Kind.Kind, manifest.Key);

    private Dictionary<(string Group, string Kind, ObjectKey Key), Manifest> Read(KubeTemplate old)
    {
        var entries = new Dictionary<(string, string, ObjectKey), Manifest>();
        foreach (var (index, entry) in old.Spec.Templates.Index())
        {
            try
            {
                var manifest = Manifest.Read(index, entry, old.Key.Namespace);
                entries.TryAdd(Identity(manifest), manifest);
            }
            catch (TemplateException)
            {
                // What could not be read then is no object to compare with.
            }
        }

        return entries;
    }
}
