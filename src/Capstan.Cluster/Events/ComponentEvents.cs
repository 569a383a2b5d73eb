using Capstan.Applying;

namespace Capstan.Cluster.Events;

/// <summary>Events of one component of the cluster. Recording never waits and never throws. Thread-safe.</summary>
internal sealed class ComponentEvents(ClusterEvents events, string component, string manager)
{
    /// <summary>Something went as it should.</summary>
    public void Normal<T>(T regarding, string reason, string message)
        where T : KubeObject, IKubeObject<T> =>
        Record(ObjectReference.To(regarding), "Normal", reason, message);

    /// <summary>Something went wrong.</summary>
    public void Warning<T>(T regarding, string reason, string message)
        where T : KubeObject, IKubeObject<T> =>
        Record(ObjectReference.To(regarding), "Warning", reason, message);

    public void Record(ObjectReference regarding, string type, string reason, string message) => events.Record(regarding, component, manager, type, reason, message);
}
