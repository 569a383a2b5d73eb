using System.Collections.Concurrent;

namespace Capstan.Cluster.Node.Processes;

/// <summary>The processes that lived at about one moment. Many may ask it: what is read of a process is read once.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ProcessSnapshot
{
    private readonly Dictionary<int, ProcessEntry> _entries;
    private readonly ConcurrentDictionary<int, string> _environments = new();
    private readonly ILookup<int, ProcessEntry> _children;

    private ProcessSnapshot(Dictionary<int, ProcessEntry> entries)
    {
        _entries = entries;
        _children = entries.Values.ToLookup(entry => entry.Parent);
    }

    public IReadOnlyCollection<ProcessEntry> Entries => _entries.Values;

    /// <summary>How many environments of processes have been read for it.</summary>
    public int EnvironmentReads => _environments.Count;

    /// <summary>Looks now.</summary>
    public static ProcessSnapshot Take() => new(ProcessTable.List().ToDictionary(entry => entry.Id));

    /// <summary>One process; null if it did not live.</summary>
    public ProcessEntry? Find(int id) => _entries.GetValueOrDefault(id);

    /// <summary>The processes that another started, and that it is still the parent of.</summary>
    public IEnumerable<ProcessEntry> ChildrenOf(int id) => _children[id];

    /// <summary>Whether a process was started with a variable of this value, it or what started it.</summary>
    public bool Has(ProcessEntry entry, string variable, string value) =>
        _environments.GetOrAdd(entry.Id, ProcessTable.EnvironmentOf).Contains($"\0{variable}={value}\0", StringComparison.Ordinal);
}
