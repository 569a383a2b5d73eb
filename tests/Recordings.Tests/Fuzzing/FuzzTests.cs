using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan.Testing;
using Recordings.Tests.Comparing;
using Recordings.Tests.Recorded;
using Recordings.Tests.Wire;

namespace Recordings.Tests.Fuzzing;

/// <summary>Ten thousand requests made of recorded ones: the server answers each, and none with a fault of its own.</summary>
[Collection(Alone)]
public sealed partial class FuzzTests
{
    public const string Alone = "fuzz";

    private const int Streams = 4;
    private const int RequestsPerStream = 2_500;
    private const long MemoryLimit = 300L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Refuses everything once it is there.
    private static readonly string[] LeftOut = ["webhookconfigurations", "validatingadmissionpolic"];

    [Fact]
    public async Task Mutated_requests_are_all_answered_and_none_is_a_fault_of_the_server()
    {
        Assert.SkipWhen(RecordingFolder.Path is null, RecordingFolder.Absent);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20261121;
        TestContext.Current.TestOutputHelper!.WriteLine($"CAPSTAN_FUZZ_SEED={seed}");
        var recorded = RecordingFolder.Areas.SelectMany(RecordingFolder.Names).SelectMany(name => Conversation.Read(name).Steps)
            .Where(step => step.ContainsKey("request")).Select(step => step["request"]!.ToJsonString()).Where(text => !LeftOut.Any(text.Contains)).ToList();
        await using var cluster = await TestCluster.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var server = new ServerUnderTest(cluster.KubeconfigPath);
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(stream => StreamAsync(server, recorded, stream, new Random(seed + stream))));

        var faults = streams.SelectMany(stream => stream.Faults).ToList();
        var codes = streams.SelectMany(stream => stream.Codes).GroupBy(code => code).OrderBy(group => group.Key).Select(group => $"{group.Key}: {group.Count()}");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", codes));
        Assert.True(faults.Count == 0, $"seed {seed}: {faults.Count} faults\n{string.Join('\n', faults.Take(20))}");
        Assert.Equal("ok", (string?)(await server.CallAsync(Calls.Get("/readyz"), TestContext.Current.CancellationToken))["body"]);
        var used = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(used < MemoryLimit, $"{used >> 20} MB are in use after {Streams * RequestsPerStream} requests");
    }

    private static async Task<(List<string> Faults, List<int> Codes)> StreamAsync(ServerUnderTest server, List<string> recorded, int stream, Random random)
    {
        var mutations = new Mutations(random);
        List<string> faults = [];
        List<int> codes = [];
        var ns = $"fuzz-{stream}";
        await server.CallAsync(
            new JsonObject { ["method"] = "POST", ["path"] = "/api/v1/namespaces", ["body"] = new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } } }, TestContext.Current.CancellationToken);
        for (var i = 0; i < RequestsPerStream; i++)
        {
            var text = recorded[random.Next(recorded.Count)].Replace("${ns}", ns, StringComparison.Ordinal).Replace("${id}", $"fuzz{(char)('a' + stream)}", StringComparison.Ordinal);
            var request = PythonJson.Parse(text)!.AsObject();
            var body = mutations.Mutate(request);
            if (await FaultOfAsync(server, request, body, codes) is { } fault)
            {
                faults.Add($"request {i} of stream {stream}: {fault}\n  {request["method"]} {request["path"]} {request["headers"]!.ToJsonString()}\n  {(body is null ? "" : System.Text.Encoding.UTF8.GetString(body))}");
            }
        }

        return (faults, codes);
    }

    private static async Task<string?> FaultOfAsync(ServerUnderTest server, JsonObject request, byte[]? body, List<int> codes)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var response = await server.SendAsync(request, body, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            codes.Add((int)response.StatusCode);
            if (response.StatusCode == System.Net.HttpStatusCode.OK && ((string)request["path"]!).Contains("watch", StringComparison.Ordinal))
            {
                // It goes on as long as it was asked to.
                return null;
            }

            var text = await response.Content.ReadAsStringAsync(patience.Token);
            return OwnFault().IsMatch(text) ? $"{(int)response.StatusCode} {text}" : null;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds} s";
        }
        catch (HttpRequestException e)
        {
            return e.ToString();
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"Internal error occurred: \w+Exception: ")]
    private static partial Regex OwnFault();
}

/// <summary>What memory is left afterwards can only be told while nothing else runs.</summary>
[CollectionDefinition(FuzzTests.Alone, DisableParallelization = true)]
public sealed class AloneWithFuzz;
