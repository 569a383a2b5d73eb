using System.Collections.Concurrent;
using Capstan.Caching;
using Capstan.Selectors;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Informers of all forms at a real kube-apiserver that is killed and started again under them while objects change.</summary>
[Collection(nameof(Alone))]
public sealed class RestartedServerTests
{
    private const int Restarts = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Informers_come_to_equal_a_server_that_is_killed_under_them(bool streaming)
    {
        RestartableServer.Require();
        await using var one = await AnyServer.ConnectAsync(AnyServer.Real);
        await using var other = await AnyServer.ConnectAsync(AnyServer.Real);
        string[] spaces = [one.Namespace, other.Namespace];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var quick = new InformerOptions { StreamingList = streaming, MaxBackoff = TimeSpan.FromSeconds(2) };
        Followed[] followed =
        [
            new(one.Client, quick with { Namespaces = spaces }),
            new(one.Client, quick with { Namespaces = spaces, MetadataOnly = true }),
            new(one.Client, quick with { Namespaces = spaces, Fingerprint = static o => Fingerprint.Of(o, "data") }),
            new(one.Client, quick with { LabelSelector = LabelSelector.Parse($"of={one.Namespace}") }),
        ];
        var running = followed.Select(f => f.Informer.RunAsync(end.Token)).ToList();
        await Task.WhenAll(followed.Select(f => f.Informer.WaitForSyncAsync(Cancel)));

        var writes = 0;
        using var stopWriting = new CancellationTokenSource();
        var writing = WriteAsync(one.Client, spaces, one.Namespace, () => writes++, stopWriting.Token);
        for (var i = 0; i < Restarts; i++)
        {
            await WritesAsync(() => writes, 40);
            await RestartableServer.StopAsync();
            await Task.Delay(500, Cancel);
            await RestartableServer.StartAsync();
        }

        await WritesAsync(() => writes, 40);
        await stopWriting.CancelAsync();
        await writing;

        var wanted = new List<string>();
        foreach (var space in spaces)
        {
            var list = await one.Client.ListAsync(ConfigMap.Resource, new() { Namespace = space, LabelSelector = $"of={one.Namespace}" }, Cancel);
            wanted.AddRange(list.Items.Select(i => $"{i.Key}@{i.ResourceVersion}"));
        }

        wanted.Sort(StringComparer.Ordinal);
        foreach (var informer in followed)
        {
            await informer.SeeAsync(wanted);
            TestContext.Current.TestOutputHelper!.WriteLine($"{informer.Informer.Scope}: {informer.Informer.Count} objects, {informer.Faults} interruptions");
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{writes} writes");
        Assert.Contains(followed, f => f.Faults > 0);
        await end.CancelAsync();
        await Task.WhenAny(Task.WhenAll(running));
    }

    /// <summary>Creates, changes and deletes; an object that was just written is read from a cache of its own before the next write.</summary>
    private static async Task WriteAsync(KubeClient client, string[] spaces, string label, Action written, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = new ObjectKey(spaces[i % 2], $"o{i % 14}");
            try
            {
                if (i % 5 == 4)
                {
                    await client.DeleteAsync(ConfigMap.Resource, key, cancellationToken: Cancel);
                }
                else
                {
                    var body = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{key.Name}}}","labels":{"of":"{{{label}}}"}},"data":{"v":"{{{i}}}"}}""";
                    await client.ApplyAsync(ConfigMap.Resource, key, System.Text.Encoding.UTF8.GetBytes(body), new() { FieldManager = "test" }, Cancel);
                }

                written();
            }
            catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException or ApiException)
            {
                // The server is down, starts, or lost the object.
                await Task.Delay(100, Cancel);
            }
        }
    }

    private static async Task WritesAsync(Func<int> count, int more)
    {
        for (var wanted = count() + more; count() < wanted;)
        {
            await Task.Delay(20, Cancel);
        }
    }

    private sealed class Followed
    {
        private readonly ConcurrentDictionary<ObjectKey, string> _told = new();

        public Followed(KubeClient client, InformerOptions options)
        {
            Informer = new(client, ConfigMap.Resource, options);
            Informer.Faulted += _ => Faults++;
            Informer.AddHandler(change =>
            {
                if (change.New is { } now)
                {
                    _told[change.Key] = now.ResourceVersion!;
                }
                else
                {
                    _told.TryRemove(change.Key, out var _);
                }
            });
        }

        public Informer Informer { get; }

        public int Faults { get; private set; }

        public async Task SeeAsync(IReadOnlyList<string> wanted)
        {
            var text = string.Join('\n', wanted);
            for (var tries = 0; tries < 600; tries++)
            {
                if (Cached() == text && Told() == text)
                {
                    return;
                }

                await Task.Delay(100, Cancel);
            }

            Assert.Fail($"{Informer.Scope}: the cache has\n{Cached()}\nthe handler was told\n{Told()}\nthe server has\n{text}\n{Informer.LastError}");
        }

        private string Cached() => string.Join(
            '\n', (Informer.Options.Fingerprint is null ? Informer.Cache.List().Select(Of) : Informer.Fingerprints.List().Select(f => $"{f.Key}@{f.ResourceVersion}")).Where(IsOurs).Order(StringComparer.Ordinal));

        private string Told() => string.Join('\n', _told.Select(t => $"{t.Key}@{t.Value}").Where(IsOurs).Order(StringComparer.Ordinal));

        private static string Of(DynamicObject value) => $"{value.Key}@{value.ResourceVersion}";

        /// <summary>Namespaces get a config map of their own.</summary>
        private static bool IsOurs(string text) => !text.Contains("/kube-root-ca.crt@", StringComparison.Ordinal);
    }
}
