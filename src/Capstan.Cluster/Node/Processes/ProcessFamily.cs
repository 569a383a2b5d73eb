namespace Capstan.Cluster.Node.Processes;

/// <summary>
/// Identity of a process that a node started, and with it of all that come from it: those of its session, its descendants, and whatever has its mark in the
/// environment. Never a name.
/// </summary>
/// <param name="ProcessId">Of the first process, which is also the id of its session.</param>
/// <param name="StartedAt">When that one started, in ticks since the machine's start.</param>
/// <param name="BootId">Of the run of the machine in which it started.</param>
/// <param name="Variable">Variable in its environment, which its children inherit.</param>
/// <param name="Mark">Value of it that nothing else has.</param>
internal sealed record ProcessFamily(int ProcessId, long StartedAt, string BootId, string Variable, string Mark)
{
    /// <summary>Variable of containers: what is run in one has it too.</summary>
    public const string OfContainer = "CAPSTAN_RUN";

    /// <summary>Variable of commands that are run in containers.</summary>
    public const string OfCommand = "CAPSTAN_EXEC";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private const int Looks = 250;

    /// <summary>Whether the first process still runs.</summary>
    public bool IsAlive => BootId == ProcessTable.BootId && ProcessTable.Find(ProcessId)?.StartedAt == StartedAt;

    /// <summary>Those that live.</summary>
    public IReadOnlyList<ProcessEntry> Members(ProcessSnapshot processes)
    {
        if (BootId != ProcessTable.BootId)
        {
            return [];
        }

        // The number of a session says whose it is only while the one that began it lives. What comes from a process is not older than it.
        var leads = processes.Find(ProcessId)?.StartedAt == StartedAt;
        var found = processes.Entries.Where(entry => entry.StartedAt >= StartedAt && ((leads && entry.Session == ProcessId) || processes.Has(entry, Variable, Mark)))
            .ToDictionary(entry => entry.Id);
        var unseen = new Queue<ProcessEntry>(found.Values);
        while (unseen.TryDequeue(out var parent))
        {
            foreach (var child in processes.ChildrenOf(parent.Id).Where(child => found.TryAdd(child.Id, child)))
            {
                unseen.Enqueue(child);
            }
        }

        return [.. found.Values];
    }

    /// <summary>Kills all of it, until nothing of it lives.</summary>
    /// <returns>False if something still does after seconds: it hangs in the kernel.</returns>
    public async Task<bool> KillAsync(TimeProvider time)
    {
        var seen = new HashSet<ProcessEntry>();
        for (var look = 0; look < Looks; look++)
        {
            // Once seen, known by identity: what else told of it may be gone with its parent.
            var processes = await ProcessWatch.Shared.NextAsync();
            var members = Members(processes);
            var before = seen.Where(entry => processes.Find(entry.Id)?.StartedAt == entry.StartedAt).ToList();
            if (members.Count == 0 && before.Count == 0)
            {
                return true;
            }

            foreach (var member in members.Concat(before))
            {
                Posix.Signal(member.Id, Posix.Kill);
                seen.Add(member);
            }

            await Task.Delay(LookAgain, time);
        }

        return false;
    }
}
