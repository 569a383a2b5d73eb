using System.Diagnostics.Metrics;
using System.Text;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>One request and its answers, against a scripted server.</summary>
public sealed class KubeClientTests : IAsyncDisposable
{
    private static readonly ObjectKey Key = new("default", "a");

    private readonly ScriptedApiServer _server = new();
    private readonly ManualTime _time = new();

    private static string Machine => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? "amd64" : "arm64";

    private static string Library => typeof(KubeClient).Assembly.GetName().Version!.ToString(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Trap12_a_refusal_with_RetryAfter_is_tried_again_after_that_time(int code)
    {
        using var client = _server.Connect(_time);
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).RefuseAsync(code, "TooManyRequests", "slow down", "Retry-After: 3");
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(3.5), Cancel);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(_server.HasRequest);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        Assert.Equal("a", (await getting).Metadata.Name);
    }

    [Fact]
    public async Task Trap12_tries_end_and_waits_are_capped()
    {
        using var client = _server.Connect(_time, o => o with { MaxTries = 3 });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        for (var i = 0; i < 3; i++)
        {
            await (await _server.NextAsync()).RefuseAsync(429, "TooManyRequests", "slow down", "Retry-After: 86400");
            if (i < 2)
            {
                await _time.WaitForTimerAsync(TimeSpan.FromSeconds(33.1), Cancel);
                _time.Advance(TimeSpan.FromSeconds(33.1));
            }
        }

        var error = await Assert.ThrowsAsync<ApiException>(() => getting);
        Assert.True(error.IsTooManyRequests);
        Assert.Equal(TimeSpan.FromDays(1), error.RetryAfter);
    }

    [Fact]
    public async Task Trap12_a_creation_under_a_generated_name_is_never_sent_twice()
    {
        using var client = _server.Connect(_time);
        var creating = client.CreateAsync(new ConfigMap { Metadata = new() { GenerateName = "x-", Namespace = "default" } }, cancellationToken: Cancel);
        var request = await _server.NextAsync();
        Assert.Contains("\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"", request.Body, StringComparison.Ordinal);
        await request.RefuseAsync(503, "ServiceUnavailable", "later", "Retry-After: 1");
        var error = await Assert.ThrowsAsync<ApiException>(() => creating.WaitAsync(ScriptedApiServer.Patience, Cancel));
        Assert.Contains("POST configmaps default/x-*", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_503_without_RetryAfter_is_an_error_at_once()
    {
        using var client = _server.Connect(_time);
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).AnswerAsync(503, "upstream connect error");
        var error = await Assert.ThrowsAsync<ApiException>(() => getting);
        Assert.Equal("GET configmaps default/a: upstream connect error (503)", error.Message);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task A_read_is_tried_again_when_the_connection_breaks_and_a_write_is_not()
    {
        using var client = _server.Connect();
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        (await _server.NextAsync()).Cut();
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await getting;
        var patching = client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        (await _server.NextAsync()).Cut();
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => patching);
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.StartsWith("PATCH configmaps default/a: ", error.Message, StringComparison.Ordinal);
        Assert.False(_server.HasRequest);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_in_a_timeout_that_names_the_request()
    {
        using var client = _server.Connect(_time);
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await _server.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(71));
        var error = await Assert.ThrowsAsync<TimeoutException>(() => getting);
        Assert.Equal("GET configmaps default/a: no answer within 70 s", error.Message);
    }

    [Fact]
    public async Task Cancelling_is_no_timeout()
    {
        using var client = _server.Connect();
        using var cancel = new CancellationTokenSource();
        var getting = client.GetAsync<ConfigMap>(Key, cancel.Token);
        await _server.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => getting);
    }

    [Fact]
    public async Task Verbs_and_options_are_what_Kubernetes_expects()
    {
        using var client = _server.Connect(with: o => o with { UserAgent = "my-operator/2" });
        var applying = client.ApplyAsync(ConfigMap.Resource, Key, "{}"u8.ToArray(), new() { FieldManager = "m&n", Force = true, DryRun = true, FieldValidation = "Strict" }, Cancel);
        var request = await _server.NextAsync();
        Assert.Equal(("PATCH", "/api/v1/namespaces/default/configmaps/a"), (request.Method, request.Path));
        Assert.Equal(("m&n", "true", "All", "Strict"), (request.Query["fieldManager"], request.Query["force"], request.Query["dryRun"], request.Query["fieldValidation"]));
        Assert.Equal(("application/apply-patch+yaml", $"my-operator/2 (linux/{Machine}) capstan/{Library}", "application/json"), (request.Headers["Content-Type"], request.Headers["User-Agent"], request.Headers["Accept"]));
        await request.AnswerAsync(WireText.Object("a", 5));
        await applying;

        var status = client.PatchStatusAsync<ConfigMap>(Key, """{"status":{}}"""u8.ToArray(), cancellationToken: Cancel);
        request = await _server.NextAsync();
        Assert.Equal(("/api/v1/namespaces/default/configmaps/a/status", "application/merge-patch+json"), (request.Path, request.Headers["Content-Type"]));
        Assert.False(request.Query.ContainsKey("force"));
        await request.AnswerAsync(WireText.Object("a", 5));
        await status;

        var deleting = client.DeleteAsync<ConfigMap>(Key, new() { Uid = "u", ResourceVersion = "5", PropagationPolicy = "Foreground", GracePeriodSeconds = 0 }, Cancel);
        request = await _server.NextAsync();
        Assert.Equal("""{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u","resourceVersion":"5"},"propagationPolicy":"Foreground","gracePeriodSeconds":0}""", request.Body);
        await request.AnswerAsync("""{"metadata":{"name":"a","namespace":"default","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["x"]}}""");
        Assert.NotNull((await deleting)!.Metadata.DeletionTimestamp);

        var collection = client.DeleteCollectionAsync(ConfigMap.Resource, new() { Namespace = "default", LabelSelector = "a in (b,c)" }, cancellationToken: Cancel);
        request = await _server.NextAsync();
        Assert.Equal(("DELETE", "/api/v1/namespaces/default/configmaps", "a in (b,c)"), (request.Method, request.Path, request.Query["labelSelector"]));
        await request.AnswerAsync(WireText.List(5));
        await collection;
    }

    [Fact]
    public async Task A_request_that_could_only_be_wrong_is_not_sent()
    {
        using var client = _server.Connect();
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync<ConfigMap>(new("", "a"), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync<ConfigMap>(new("default", ""), Cancel));
        Assert.False(_server.HasRequest);
    }

    [Fact]
    public async Task Warnings_are_told()
    {
        var warnings = new List<string>();
        using var client = _server.Connect(with: o => o with { OnWarning = warnings.Add });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).AnswerAsync(200, WireText.Object("a", 5), """Warning: 299 - "unknown field \"spec.x\"", 299 - "second, with comma" """.Trim(), "Warning: 299 - \"third\"");
        await getting;
        Assert.Equal(["unknown field \"spec.x\"", "second, with comma", "third"], warnings);
    }

    [Fact]
    public async Task Trap36_a_token_file_is_read_again_after_a_minute_and_when_the_server_refuses_it()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "token");
        await File.WriteAllTextAsync(file, "one\n", Cancel);
        using var client = new KubeClient(new() { Server = _server.Url, TokenFile = file }, new() { TimeProvider = _time });
        async Task<string> AskAsync(Func<ScriptedRequest, Task> answer)
        {
            var getting = client.GetAsync<ConfigMap>(Key, Cancel);
            var request = await _server.NextAsync();
            var token = request.Headers["Authorization"];
            await answer(request);
            if (request.Answered.IsCompleted && token == "Bearer refused")
            {
                request = await _server.NextAsync();
                token += " then " + request.Headers["Authorization"];
                await request.AnswerAsync(WireText.Object("a", 5));
            }

            await getting;
            return token;
        }

        Task Accept(ScriptedRequest r) => r.AnswerAsync(WireText.Object("a", 5));
        Assert.Equal("Bearer one", await AskAsync(Accept));
        await File.WriteAllTextAsync(file, "refused", Cancel);
        Assert.Equal("Bearer one", await AskAsync(Accept));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Bearer refused then Bearer three", await AskAsync(async r =>
        {
            await File.WriteAllTextAsync(file, "three", Cancel);
            await r.RefuseAsync(401, "Unauthorized");
        }));
        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("Bearer three", await AskAsync(Accept));
    }

    [Fact]
    public async Task Trap36_an_exec_plugin_runs_once_for_many_requests_and_again_before_its_token_ends()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        var script = Path.Combine(directory, "plugin");
        await File.WriteAllTextAsync(script, $$$"""
            #!/bin/sh
            echo run >> {{{directory}}}/runs
            echo "$KUBERNETES_EXEC_INFO" > {{{directory}}}/info
            n=$(wc -l < {{{directory}}}/runs)
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t$n-$EXTRA-$1\",\"expirationTimestamp\":\"2026-01-02T03:14:05Z\"}}"
            """, Cancel);
        var plugin = new ExecPlugin
        {
            ApiVersion = "client.authentication.k8s.io/v1",
            Command = "/bin/sh",
            Args = [script, "arg"],
            Environment = new Dictionary<string, string> { ["EXTRA"] = "extra" },
            ProvideClusterInfo = true,
        };
        using var client = new KubeClient(new() { Server = _server.Url, Exec = plugin }, new() { TimeProvider = _time });
        var three = Enumerable.Range(0, 3).Select(_ => client.GetAsync<ConfigMap>(Key, Cancel)).ToList();
        for (var i = 0; i < 3; i++)
        {
            var request = await _server.NextAsync();
            Assert.Equal("Bearer t1-extra-arg", request.Headers["Authorization"]);
            await request.AnswerAsync(WireText.Object("a", 5));
        }

        await Task.WhenAll(three);
        Assert.Contains(_server.Url.OriginalString, await File.ReadAllTextAsync(Path.Combine(directory, "info"), Cancel), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(9.6));
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        var next = await _server.NextAsync();
        Assert.Equal("Bearer t2-extra-arg", next.Headers["Authorization"]);
        await next.AnswerAsync(WireText.Object("a", 5));
        await getting;
    }

    [Theory]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo '{}'", "no ExecCredential")]
    [InlineData("echo nonsense", "exec plugin")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "neither a token")]
    public async Task An_exec_plugin_that_fails_is_named(string body, string expected)
    {
        var script = Path.Combine(Directory.CreateTempSubdirectory().FullName, "plugin");
        await File.WriteAllTextAsync(script, "#!/bin/sh\n" + body, Cancel);
        using var client = new KubeClient(new() { Server = _server.Url, Exec = new() { ApiVersion = "client.authentication.k8s.io/v1", Command = "/bin/sh", Args = [script] } });
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => client.GetAsync<ConfigMap>(Key, Cancel));
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.Contains("exec plugin /bin/sh", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impersonation_is_sent_with_each_request()
    {
        using var client = new KubeClient(new()
        {
            Server = _server.Url,
            Impersonate = new() { User = "jane", Groups = ["g1", "g2"], Extra = new Dictionary<string, IReadOnlyList<string>> { ["scopes/x"] = ["a"] } },
        });
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        var request = await _server.NextAsync();
        Assert.Equal(("jane", "a"), (request.Headers["Impersonate-User"], request.Headers["Impersonate-Extra-scopes%2Fx"]));
        Assert.Equal("g1, g2", request.Headers["Impersonate-Group"]);
        await request.AnswerAsync(WireText.Object("a", 5));
        await getting;
    }

    [Fact]
    public async Task Requests_are_counted_under_the_names_of_client_go()
    {
        var seen = new List<string>();
        using var listener = new MeterListener();
        var host = _server.Url.Authority;
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Capstan" && instrument.Name.StartsWith("rest_client_", StringComparison.Ordinal))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        void Take(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = string.Join(",", tags.ToArray().Select(t => $"{t.Key}={t.Value}"));
            if (text.Contains(host, StringComparison.Ordinal))
            {
                seen.Add($"{name}{{{text}}}");
            }
        }

        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Take(i.Name, v, t));
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => Take(i.Name, v, t));
        listener.Start();
        using var client = _server.Connect();
        var getting = client.FindAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).RefuseAsync(404, "NotFound");
        Assert.Null(await getting);
        Assert.Equal([$"rest_client_requests_total{{code=404,method=GET,host={host}}}", $"rest_client_request_duration_seconds{{verb=GET,host={host}}}"], seen);
        seen.Clear();
        var patching = client.PatchAsync<ConfigMap>(Key, PatchType.Merge, "{}"u8.ToArray(), cancellationToken: Cancel);
        await (await _server.NextAsync()).AnswerAsync(WireText.Object("a", 5));
        await patching;
        Assert.Equal(
            [
                $"rest_client_request_size_bytes{{verb=PATCH,host={host}}}",
                $"rest_client_requests_total{{code=200,method=PATCH,host={host}}}",
                $"rest_client_request_duration_seconds{{verb=PATCH,host={host}}}",
                $"rest_client_response_size_bytes{{verb=PATCH,host={host}}}",
            ],
            seen);
    }

    [Theory]
    [InlineData(409, "Conflict", nameof(ApiException.IsConflict))]
    [InlineData(409, "AlreadyExists", nameof(ApiException.IsAlreadyExists))]
    [InlineData(404, "NotFound", nameof(ApiException.IsNotFound))]
    [InlineData(403, "Forbidden", nameof(ApiException.IsForbidden))]
    [InlineData(401, "Unauthorized", nameof(ApiException.IsUnauthorized))]
    [InlineData(422, "Invalid", nameof(ApiException.IsInvalid))]
    [InlineData(410, "Expired", nameof(ApiException.IsExpired))]
    [InlineData(413, "RequestEntityTooLarge", nameof(ApiException.IsRequestEntityTooLarge))]
    [InlineData(400, "BadRequest", nameof(ApiException.IsBadRequest))]
    public async Task Errors_are_told_apart_by_their_reason(int code, string reason, string property)
    {
        using var client = _server.Connect(_time);
        var getting = client.GetAsync<ConfigMap>(Key, Cancel);
        await (await _server.NextAsync()).RefuseAsync(code, reason, "because");
        var error = await Assert.ThrowsAsync<ApiException>(() => getting);
        var told = new Dictionary<string, bool>
        {
            [nameof(error.IsConflict)] = error.IsConflict,
            [nameof(error.IsAlreadyExists)] = error.IsAlreadyExists,
            [nameof(error.IsNotFound)] = error.IsNotFound,
            [nameof(error.IsForbidden)] = error.IsForbidden,
            [nameof(error.IsUnauthorized)] = error.IsUnauthorized,
            [nameof(error.IsInvalid)] = error.IsInvalid,
            [nameof(error.IsExpired)] = error.IsExpired,
            [nameof(error.IsRequestEntityTooLarge)] = error.IsRequestEntityTooLarge,
            [nameof(error.IsBadRequest)] = error.IsBadRequest,
        };
        Assert.Equal([property], told.Where(t => t.Value).Select(t => t.Key));
        Assert.Equal($"GET configmaps default/a: because ({code} {reason})", error.Message);
    }

    [Fact]
    public async Task Any_text_is_an_error_that_can_be_read()
    {
        using var client = _server.Connect();
        foreach (var body in new[] { "", "<html>", "[]", "null", """{"kind":"Status"}""", new string('x', 100_000), Encoding.UTF8.GetString([0xff]) })
        {
            var getting = client.GetAsync<ConfigMap>(Key, Cancel);
            await (await _server.NextAsync()).AnswerAsync(500, body);
            var error = await Assert.ThrowsAsync<ApiException>(() => getting);
            Assert.Equal(500, error.Code);
            Assert.InRange(error.Message.Length, 10, 700);
        }
    }
}
