using Capstan;
using Capstan.Applying;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Tells people of the turns in a Database's life, in its Events. A retry that fails as the one before is no news.</summary>
[Rbac("events.k8s.io", "events", "create", "patch")]
internal sealed class DatabaseEvents(EventRecorder recorder)
{
    /// <summary>Tells of the turn from the status that a Database had to an outcome, if there is one.</summary>
    public void Tell(Database before, Outcome outcome)
    {
        var had = Conditions.Find(before.Status?.Conditions, "Ready");
        if (outcome.Phase == Phases.Ready && before.Status?.Phase != Phases.Ready)
        {
            recorder.Normal(ObjectReference.To(before), "Ready", "Reconcile", $"Database is ready at {ChildNames.Endpoint(before)}");
        }
        else if (outcome.Phase == Phases.Failed && (had?.Reason != outcome.Reason || had.Message != outcome.Message))
        {
            recorder.Warning(ObjectReference.To(before), outcome.Reason.EndsWith("CreationFailed", StringComparison.Ordinal) ? "CreateFailed" : outcome.Reason, "Reconcile", outcome.Message);
        }
        else if (outcome.Refusal is { } refusal && Conditions.Find(before.Status?.Conditions, "Progressing")?.Reason != refusal.Reason)
        {
            recorder.Warning(ObjectReference.To(before), refusal.Reason, "Reconcile", refusal.Message);
        }
    }

    public void Created(Database database) => recorder.Normal(ObjectReference.To(database), "Created", "Create", $"StatefulSet {database.Metadata.Name} is made");

    public void Deleting(Database database) => recorder.Normal(ObjectReference.To(database), "Deleting", "Delete", "the objects of the Database are deleted, its volumes are kept");

    public void Deleted(Database database) => recorder.Normal(ObjectReference.To(database), "Deleted", "Delete", "the objects of the Database are deleted");

    public void Turned(Database database, string reason, string note) => recorder.Normal(ObjectReference.To(database), reason, "Reconcile", note);

    public void Warned(Database database, string reason, string note) => recorder.Warning(ObjectReference.To(database), reason, "Reconcile", note);
}
