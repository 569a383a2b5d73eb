using System.Text.Json;
using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;
using Recordings.Tests.Recorded;
using Recordings.Tests.Wire;

namespace Recordings.Tests.Replaying;

/// <summary>Goes through one conversation with a server, step by step, and compares; the definition is <c>replay</c> beside the recordings.</summary>
internal sealed class Replay(ServerUnderTest server, Conversation conversation) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Random by intent: each run has names of its own, so that one server can be judged twice.
    private readonly string _tag = string.Concat(Random.Shared.GetItems("abcdefghijklmnopqrstuvwxyz".AsSpan(), 8));
    private readonly Variables _variables = new();
    private readonly Dictionary<string, BackgroundWatch> _watches = new(StringComparer.Ordinal);
    private readonly List<StepVerdict> _verdicts = [];
    private CommandLines? _commands;

    public static async Task<Verdict> RunAsync(ServerUnderTest server, Conversation conversation, CancellationToken cancellationToken)
    {
        string? stopped = null;
        await using var replay = new Replay(server, conversation);
        try
        {
            await replay.RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is StoppedException or IOException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            stopped = $"{e.GetType().Name}: {e.Message}";
        }

        return new Verdict(conversation.Answers, replay._verdicts, stopped);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches.Values)
        {
            await watch.DisposeAsync();
        }

        _commands?.Dispose();
        var cleanup = conversation.Cleanup.Select(path => _variables.Fill((string)path!));
        foreach (var path in cleanup.Prepend($"/api/v1/namespaces/ns-{_tag}"))
        {
            try
            {
                await server.CallAsync(new JsonObject { ["method"] = "DELETE", ["path"] = path }, CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                // The verdict is known; what is left disturbs nobody.
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1. A fresh namespace, with what every namespace has.
        var ns = $"ns-{_tag}";
        (_variables["ns"], _variables["id"]) = (ns, _tag);
        _commands = conversation.HasCommands ? new CommandLines(conversation, _variables, server.Kubeconfig(ns)) : null;
        var made = await server.CallAsync(
            new JsonObject { ["method"] = "POST", ["path"] = "/api/v1/namespaces", ["body"] = new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } } }, cancellationToken);
        if ((int)made["code"]! != 201)
        {
            throw new StoppedException($"cannot create a namespace: {Differences.Short(made)}");
        }

        foreach (var path in (string[])["serviceaccounts/default", "configmaps/kube-root-ca.crt"])
        {
            await PollAsync(new JsonObject { ["path"] = $"/api/v1/namespaces/{ns}/{path}", ["code"] = 200, ["seconds"] = 20 }, cancellationToken);
        }

        // 2. The steps.
        var masking = new Masking([(ns, "ns"), (_tag, "id"), .. _commands is null ? [] : new[] { (_commands.Folder, "folder") }, (server.Host, "host")]);
        var number = 0;
        foreach (var step in conversation.Steps)
        {
            number++;
            if (await PerformAsync(step, cancellationToken) is not { } answer)
            {
                continue;
            }

            Capture(step, answer);
            var have = Narrowing.Narrowed(step, (JsonObject)masking.Of(answer)!);
            var want = Narrowing.Narrowed(step, step["response"]?.AsObject() ?? []);
            _verdicts.Add(new StepVerdict(
                number, [.. Differences.Between(Narrowing.Loosened(want), Narrowing.Loosened(have))], [.. Differences.Between(want, have)]));
        }
    }

    private async Task<JsonObject?> PerformAsync(JsonObject step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case var run when run.ContainsKey("run"):
                return await _commands!.RunAsync(_variables.Fill((string)step["run"]!), Variables.Seconds(step, 60), cancellationToken);
            case var request when request.ContainsKey("request"):
                return await server.CallAsync(_variables.Fill(step["request"]!.AsObject()), cancellationToken);
            case var watch when watch.ContainsKey("watch"):
                _watches[(string)step["as"]!] = await BackgroundWatch.StartAsync(server, _variables.Fill(step["watch"]!.AsObject()), cancellationToken);
                return null;
            case var collect when collect.ContainsKey("collect"):
                return await _watches[(string)step["collect"]!].CollectAsync(
                    (int?)step["count"] ?? 0, Variables.Seconds(step, 10), (bool?)step["toEnd"] ?? false, cancellationToken);
            case var until when until.ContainsKey("until"):
                await PollAsync(_variables.Fill(step["until"]!.AsObject()), cancellationToken);
                return null;
            default:
                throw new StoppedException($"step of no known kind: {string.Join(' ', step.Select(m => m.Key))}");
        }
    }

    private void Capture(JsonObject step, JsonObject answer)
    {
        foreach (var (name, pointer) in step["capture"] as JsonObject ?? [])
        {
            var path = (string)pointer!;
            var whole = path.StartsWith("/events", StringComparison.Ordinal) || path.StartsWith("/body", StringComparison.Ordinal);
            if (Pointers.TryFind(whole ? answer : answer["body"], path, out var found))
            {
                _variables.Capture(name, found);
            }
        }
    }

    private async Task PollAsync(JsonObject until, CancellationToken cancellationToken)
    {
        var limit = Variables.Seconds(until, 30);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var last = await server.CallAsync(Calls.Get((string)until["path"]!), cancellationToken);
            if (Holds(until, last))
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new StoppedException($"never came true: {PythonJson.Write(until)}; last: {Differences.Short(last)}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static bool Holds(JsonObject until, JsonObject answer)
    {
        if (until["code"] is { } code)
        {
            return (int)code == (int)answer["code"]!;
        }

        if (!Pointers.TryFind(answer["body"], (string)until["pointer"]!, out var value))
        {
            return false;
        }

        return until.TryGetPropertyValue("equals", out var wanted)
            ? !Differences.Between(wanted, value).Any()
            : value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }) && !(value.GetValueKind() == JsonValueKind.String && value.ToString().Length == 0);
    }
}
