using Capstan;
using Capstan.Cel;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>The entries of a template before the change that is judged, found by the object that they are for, wherever they stood in the list.</summary>
/// <remarks>Not thread-safe: one judgement is one thread's. They are read once, when the first is asked for.</remarks>
/// <param name="old">The template before; null where there was none, and always in the worker, which sees only what is.</param>
internal sealed class EntriesBefore(KubeTemplate? old)
{
    private Dictionary<(GroupVersionKind Kind, ObjectKey Key), Manifest>? _entries;

    /// <summary>The entry for the same object as expressions see it; null where there was none.</summary>
    public CelValue Of(Manifest manifest) =>
        old is not null && (_entries ??= Read(old)).TryGetValue((manifest.Kind, manifest.Key), out var before) ? CelValue.Of(before.InItsNamespace()) : CelValue.Null;

    private static Dictionary<(GroupVersionKind Kind, ObjectKey Key), Manifest> Read(KubeTemplate old)
    {
        var entries = new Dictionary<(GroupVersionKind Kind, ObjectKey Key), Manifest>();
        foreach (var (index, entry) in old.Spec.Templates.Index())
        {
            try
            {
                var manifest = Manifest.Read(index, entry, old.Key.Namespace);
                entries.TryAdd((manifest.Kind, manifest.Key), manifest);
            }
            catch (TemplateException)
            {
                // What could not be read then is no object to compare with.
            }
        }

        return entries;
    }
}
