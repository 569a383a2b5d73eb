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

    // Long enough for a slow server; renewed while it is not known whether the replica has joined.
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(30);

    private readonly string _name = $"kubetemplater-sharing-{Guid.NewGuid():n}";

    /// <summary>The notices of a group.</summary>
    public static ListOptions Of(string @namespace, string group) => new() { Namespace = @namespace, LabelSelector = $"{Label}={group}" };

    /// <summary>Gives it, or says that it still holds.</summary>
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

    /// <summary>Renews it until the replica has keys of its own, which its own Lease tells of from then on; withdraws it then. Ends only when cancelled.</summary>
    /// <param name="joined">Ends when it has.</param>
    /// <param name="cancellationToken">Ends this.</param>
    public async Task WithdrawOnceAsync(Task joined, CancellationToken cancellationToken)
    {
        while (!joined.IsCompleted)
        {
            await Task.WhenAny(joined, Task.Delay(_duration / 3, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            await TryAsync(joined.IsCompleted ? WithdrawAsync : GiveAsync, cancellationToken);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    /// <summary>One that stays behind because the server fails expires like any Lease.</summary>
    private static async Task TryAsync(Func<CancellationToken, Task> say, CancellationToken cancellationToken)
    {
        try
        {
            await say(cancellationToken);
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or TimeoutException)
        {
            _ = fault;
        }
    }
}
