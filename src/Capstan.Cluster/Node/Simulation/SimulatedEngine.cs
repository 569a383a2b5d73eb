using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Logs;

namespace Capstan.Cluster.Node.Simulation;

/// <summary>Starts containers that are only simulated.</summary>
internal sealed class SimulatedEngine(PodDirectories directories, TimeProvider time) : IContainerEngine
{
    public async Task<IContainerRun> StartAsync(ContainerStart start, CancellationToken cancellationToken)
    {
        NonRootRule.Check(start.Pod, start.Container.Spec, imageIsRoot: false);
        var wait = SimulationPlan.Of(start.Pod, start.Container).StartAfter;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }

        var log = directories.LogFile(start.Pod.Uid, start.Container.Name, start.RestartCount);
        ContainerLog.WriteLine(log, time.GetUtcNow(), $"simulated: {start.Container.Spec.Image} is not run by this node");
        return new SimulatedRun(start.Pod, start.Container, time);
    }

    public Task ReleaseAsync(Pods.PodRecord pod) => Task.CompletedTask;
}
