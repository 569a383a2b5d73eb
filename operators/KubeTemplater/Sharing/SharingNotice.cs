using Capstan;
using Capstan.Election;

namespace KubeTemplater.Sharing;

/// <summary>Says, by a Lease of its own, that this replica is about to share the templates: what is said before it is looked whether a leader works cannot be overlooked by that leader.</summary>
/// <param name="client">Speaks to the cluster.</param>
/// <param name="namespace">Namespace of the Leases.</param>
/// <param name="group">Replicas that process the same templates.</param>
/// <param name="time">Clock.</param>
internal sealed class SharingNotice(KubeClient client, string @namespace, string group, TimeProvider time)
{
    private const string Label = "kubetemplater.io/about-to-share";

    // Long enough to join with a slow server. It cannot be renewed: until it has joined, a replica may not write.
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly string _name = $"kubetemplater-sharing-{Guid.NewGuid():n}";

    /// <summary>The notices of a group.</summary>
    public static ListOptions Of(string @namespace, string group) => new() { Namespace = @namespace, LabelSelector = $"{Label}={group}" };

    /// <summary>Gives it, anew if it was given before.</summary>
    public async Task GiveAsync(CancellationToken cancellationToken)
    {
        var spec = new LeaseSpec { HolderIdentity = $"{Environment.MachineName} (about to share)", LeaseDurationSeconds = (int)_duration.TotalSeconds, RenewTime = time.GetUtcNow() };
        if (await client.FindAsync<Lease>(new(@namespace, _name), cancellationToken) is { } given)
        {
            await client.UpdateAsync(given with { Spec = spec }, cancellationToken: cancellationToken);
            return;
        }

        var metadata = new ObjectMeta { Name = _name, Namespace = @namespace, Labels = new Dictionary<string, string> { [Label] = group } };
        await client.CreateAsync(new Lease { Metadata = metadata, Spec = spec }, cancellationToken: cancellationToken);
    }

    /// <summary>Takes it back.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync<Lease>(new(@namespace, _name), cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            // It was not given, or somebody has tidied up.
        }
    }

    /// <summary>Withdraws it once the replica has keys of its own: from then on its own Lease tells of it. Ends only when cancelled.</summary>
    /// <param name="joined">Ends when it has.</param>
    /// <param name="cancellationToken">Ends this.</param>
    public async Task WithdrawOnceAsync(Task joined, CancellationToken cancellationToken)
    {
        await joined.WaitAsync(cancellationToken);
        while (!await TryWithdrawAsync(cancellationToken))
        {
            await Task.Delay(_pause, time, cancellationToken);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    private async Task<bool> TryWithdrawAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WithdrawAsync(cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException or InvalidOperationException)
        {
            // The server fails, or this replica has lapsed and may not write just now.
            return false;
        }
    }
}
