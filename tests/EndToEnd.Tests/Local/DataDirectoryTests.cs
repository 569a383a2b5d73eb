using System.Collections.Concurrent;
using System.Globalization;
using Capstan;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Local;

/// <summary><c>capstan local --data-dir</c>, killed in the middle of its work.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private const int Rounds = 5;
    private const int Writers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-data-");

    // What the server has acknowledged, by name: the value stored, or null when it was deleted; and what was asked for last, answered or not.
    private readonly ConcurrentDictionary<string, (string? Value, long Version)> _acknowledged = new();
    private readonly ConcurrentDictionary<string, string?> _asked = new();
    private long _writes;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Kubeconfig => Path.Combine(_directory.FullName, ".capstan", "kubeconfig");

    [Fact]
    public async Task Kill_9_during_writes_loses_none_that_was_acknowledged_and_it_always_starts_again()
    {
        var random = new Random(20261121);
        for (var round = 0; round < Rounds; round++)
        {
            await using var local = await StartAsync();
            using var client = new KubeClient(KubeConfig.Load(Kubeconfig, "capstan-local"));
            await CheckAsync(client, round);
            await WriteUntilKilledAsync(local, client, round, killAfter: random.Next(50, 600));
        }

        await using var last = await StartAsync();
        using var reader = new KubeClient(KubeConfig.Load(Kubeconfig, "capstan-local"));
        await CheckAsync(reader, Rounds);
    }

    [Fact]
    public async Task A_directory_that_another_process_has_or_that_is_damaged_is_one_line_and_exit_code_1()
    {
        await using (var first = await StartAsync())
        {
            await using var second = Start("--kubeconfig", "other");
            Assert.Equal(1, await second.ExitAsync(Patience, Stop));
            Assert.Contains("is used by another process", second.Err, StringComparison.Ordinal);
        }

        var log = Assert.Single(Directory.GetFiles(Path.Combine(_directory.FullName, "data"), "log-*"));
        await using (var file = File.OpenWrite(log))
        {
            file.Position = 200;
            file.WriteByte(0);
        }

        await using var damaged = Start();
        Assert.Equal(1, await damaged.ExitAsync(Patience, Stop));
        Assert.Contains($"{log} is damaged at offset 48", damaged.Err, StringComparison.Ordinal);
        Assert.Single(damaged.Err.Split('\n'));
    }

    [Fact]
    public async Task Without_a_directory_it_says_that_everything_is_in_memory()
    {
        await using var local = RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "none"], directory: _directory.FullName);
        await local.LineAsync(line => line.StartsWith("data ", StringComparison.Ordinal) && line.Contains("in memory only", StringComparison.Ordinal), Patience, Stop);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task WriteUntilKilledAsync(RunningProcess local, KubeClient client, int round, int killAfter)
    {
        var start = Interlocked.Read(ref _writes);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; !killed.IsCancellationRequested; i++)
                {
                    // Each name is written again and again, deleted now and then, and belongs to one writer.
                    var name = $"w{writer}-{i % 25}";
                    var value = i % 7 == 6 ? null : $"{round}-{i}";
                    _asked[name] = value;
                    var version = await TryWriteAsync(client, name, value, killed.Token);
                    if (version is null)
                    {
                        return;
                    }

                    _acknowledged[name] = (value, version.Value);
                    if (Interlocked.Increment(ref _writes) - start == killAfter)
                    {
                        local.Signal(9);
                        await killed.CancelAsync();
                    }
                }
            },
            Stop)).ToList();
        await Task.WhenAll(writers).WaitAsync(Patience, Stop);
        await local.ExitAsync(Patience, Stop);
        Assert.True(Interlocked.Read(ref _writes) - start >= killAfter, local.Err);
    }

    /// <summary>The version that was written or removed; null when nobody answered, so that nobody knows.</summary>
    private static async Task<long?> TryWriteAsync(KubeClient client, string name, string? value, CancellationToken killed)
    {
        var key = new ObjectKey("default", name);
        try
        {
            if (value is null)
            {
                var gone = await client.DeleteAsync(ConfigMaps, key, cancellationToken: killed);
                return gone is null ? 0 : Version(gone);
            }

            var json = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"default"},"data":{"v":"{{{value}}}"}}""";
            return Version(await client.ApplyAsync(ConfigMaps, key, System.Text.Encoding.UTF8.GetBytes(json), new ApplyOptions { FieldManager = "test" }, killed));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return 0;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private async Task CheckAsync(KubeClient client, int round)
    {
        var list = await client.ListAsync(ConfigMaps, new ListOptions { Namespace = "default" }, Stop);
        var there = list.Items.ToDictionary(i => i.Key.Name);
        var highest = _acknowledged.Values.Select(a => a.Version).DefaultIfEmpty().Max();
        TestContext.Current.TestOutputHelper?.WriteLine($"round {round}: {_writes} writes acknowledged, {there.Count} objects, revision {list.ResourceVersion}, highest acknowledged {highest}");
        Assert.True(long.Parse(list.ResourceVersion!, CultureInfo.InvariantCulture) >= highest, $"revision {list.ResourceVersion} after {highest} was acknowledged");
        foreach (var (name, (value, version)) in _acknowledged)
        {
            var found = there.TryGetValue(name, out var obj) ? obj : null;
            var text = found is null ? null : (string?)System.Text.Json.Nodes.JsonNode.Parse(found.Json.Span)!["data"]!["v"];
            Assert.True(text == value || text == _asked[name], $"{name}: acknowledged {value ?? "its deletion"} at {version}, asked for {_asked[name] ?? "its deletion"}, found {text ?? "nothing"}");

            // What a crash left open is settled now.
            _acknowledged[name] = (text, found is null ? version : Version(found));
            _asked[name] = text;
        }
    }

    private static long Version(DynamicObject obj) => long.Parse(obj.ResourceVersion ?? "0", CultureInfo.InvariantCulture);

    private async Task<RunningProcess> StartAsync()
    {
        var local = Start();
        await local.LineAsync(line => line.StartsWith("ready after ", StringComparison.Ordinal), Patience, Stop);
        return local;
    }

    private RunningProcess Start(params string[] more) =>
        RunningProcess.Start(Path.Combine(AppContext.BaseDirectory, "capstan"), ["local", "--port", "0", "--operators", "none", "--data-dir", "data", .. more], directory: _directory.FullName);
}
