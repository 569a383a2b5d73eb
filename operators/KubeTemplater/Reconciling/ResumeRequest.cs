using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>The annotation by which a person has a template tried again at once that is paused or waits.</summary>
/// <remarks>
/// It is removed when it is taken, so that it works once (the Go operator left it, and the next pause was resumed by it). The order is such that no crash loses it: first the
/// status forgets the failures, then the annotation goes, then the template runs; whoever starts after a crash finds either the annotation or nothing that holds the template up.
/// If it cannot be removed the template does not run: it would be resumed for ever.
/// </remarks>
[Rbac<KubeTemplate>("patch")]
internal sealed class ResumeRequest(KubeClient client, StatusPublisher status, TimeProvider time)
{
    /// <summary>The annotation.</summary>
    public const string Annotation = "kubetemplater.io/resume";

    /// <summary>Whether it asks.</summary>
    public static bool IsIn(IReadOnlyDictionary<string, string>? annotations) => annotations?.GetValueOrDefault(Annotation) == "true";

    /// <summary>Whether it asks, and did not before.</summary>
    public static bool IsNew(DynamicObject? old, DynamicObject? current) =>
        current is not null && IsIn(current.Annotations) && (old is null || !IsIn(old.Annotations));

    /// <summary>Takes it.</summary>
    /// <returns>The template without it, and without failures.</returns>
    /// <exception cref="ApiException">The server did not let it be removed, or the template is another one by now.</exception>
    public async Task<KubeTemplate> TakeAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        if (template.Status is { ProcessingPhase: Phases.Failed or Phases.Paused })
        {
            await status.WriteAsync(template, StatusReport.Resumed(template, time.GetUtcNow()), cancellationToken);
        }

        var patch = Encoding.UTF8.GetBytes($$$$"""{"metadata":{"uid":"{{{{template.Metadata.Uid}}}}","annotations":{"{{{{Annotation}}}}":null}}}""");
        return (await client.PatchAsync(KubeTemplate.Resource, template.Key, PatchType.Merge, patch, cancellationToken: cancellationToken)).To<KubeTemplate>();
    }
}
