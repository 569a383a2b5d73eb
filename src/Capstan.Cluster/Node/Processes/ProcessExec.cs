using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Processes;

/// <summary>A command that a person runs in a container.</summary>
internal sealed class ProcessExec(StartedProcess process) : IExecSession
{
    public Stream Input => process.Input;

    public Stream Output => process.Output;

    public Stream? Error => process.Error;

    public Task<int> Ended => process.Ended;

    public void Resize(int columns, int rows) => process.Resize(columns, rows);

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
