using System.Globalization;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Goes back to an earlier revision for clients of the API before apps/v1, which ask for it in an annotation. <c>kubectl rollout undo</c> writes the template itself.</summary>
internal sealed class Rollback(DeploymentRun run)
{
    public const string Annotation = "deprecated.deployment.rollback.to";

    /// <summary>The revision to go back to, 0 for the one before; null if nobody asks.</summary>
    public static long? Wanted(Deployment deployment) =>
        deployment.Metadata.Annotations?.GetValueOrDefault(Annotation) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var revision)
            ? revision : null;

    public async Task RunAsync(long revision)
    {
        await run.FollowTemplateAsync();
        await run.EnsureNewAsync();
        var wanted = revision != 0 ? revision : run.All.Select(static set => ReplicaSetNotes.RevisionOf(set) ?? 0).OrderDescending().Skip(1).FirstOrDefault();
        var found = wanted == 0 ? null : run.All.FirstOrDefault(set => ReplicaSetNotes.RevisionOf(set) == wanted);
        if (found is null)
        {
            run.Events.Warning(run.Deployment, "DeploymentRollbackRevisionNotFound", wanted == 0 ? "Unable to find last revision." : "Unable to find the revision to rollback to.");
        }
        else if (TemplateText.Of(found.Spec.Template) == TemplateText.Of(run.Deployment.Spec.Template))
        {
            run.Events.Warning(
                run.Deployment, "DeploymentRollbackTemplateUnchanged", $"The rollback revision contains the same template as current deployment \"{run.Deployment.Key.Name}\"");
            found = null;
        }

        var deployment = run.Deployment;
        if (found is not null)
        {
            deployment.Spec.Template = found.Spec.Template;
            deployment.Spec.Template.Metadata.Labels?.Remove(TemplateText.HashLabel);

            // The annotations of then come back with the template.
            var own = deployment.Metadata.Annotations!.Where(static note => ReplicaSetNotes.IsOwn(note.Key));
            deployment.Metadata.Annotations = new(own.Concat((found.Metadata.Annotations ?? []).Where(static note => !ReplicaSetNotes.IsOwn(note.Key))));
        }

        deployment.Metadata.Annotations!.Remove(Annotation);
        await run.UpdateDeploymentAsync();
        if (found is not null)
        {
            run.Events.Normal(deployment, "DeploymentRollback", $"Rolled back deployment \"{deployment.Key.Name}\" to revision {wanted}");
        }
    }
}
