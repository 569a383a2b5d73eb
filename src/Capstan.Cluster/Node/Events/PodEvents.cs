using Capstan.Applying;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Node.Events;

/// <summary>Events of a component of the node about pods. Recording never waits and never throws. Thread-safe.</summary>
internal sealed class PodEvents(ClusterEvents events, string component, string? host)
{
    public void Normal(EventSubject subject, string reason, string message) => Record(subject, "Normal", reason, message);

    public void Warning(EventSubject subject, string reason, string message) => Record(subject, "Warning", reason, message);

    private void Record(EventSubject subject, string type, string reason, string message) =>
        events.Record(subject.Object, component, component, type, reason, message, subject.FieldPath, host);
}

/// <summary>What an event is about.</summary>
/// <param name="Object">The pod.</param>
/// <param name="FieldPath">The part of it; null when it is the whole.</param>
internal sealed record EventSubject(ObjectReference Object, string? FieldPath = null)
{
    public static EventSubject Of(Pod pod) => new(ObjectReference.To(pod));

    public static EventSubject Of(Pod pod, string container, bool isInit) => new(ObjectReference.To(pod), $"spec.{(isInit ? "initContainers" : "containers")}{{{container}}}");
}
