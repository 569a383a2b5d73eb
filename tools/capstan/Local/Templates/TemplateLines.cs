
namespace Capstan.Tool.Local.Templates;

/// <summary>Templates without a terminal: one line per change, written at once, no control codes.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TemplateLines(TextWriter output, TimeProvider time)
{
    private readonly Lock _lock = new();

    /// <summary>Tells a changed template: time, namespace/name, phase, resources, message.</summary>
    public void Changed(TemplateRow row) => Write($"{row.Key} {row.Phase} {row.Resources} {row.Message}".TrimEnd());

    /// <summary>Tells a deleted one.</summary>
    public void Deleted(ObjectKey key) => Write($"{key} Deleted");

    private void Write(string text)
    {
        lock (_lock)
        {
            output.WriteLine($"{KubeTime.Format(time.GetUtcNow())} {text}");
            output.Flush();
        }
    }
}
