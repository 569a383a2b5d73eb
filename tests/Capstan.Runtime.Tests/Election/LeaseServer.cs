using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Runtime.Tests.Election;

/// <summary>Stores one Lease with optimistic concurrency, and misbehaves as a test says: what a good server never does on demand.</summary>
internal sealed class LeaseServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly Lock gate = new();
    private readonly List<string> requests = [];
    private JsonObject? lease;
    private long version;

    private LeaseServer(WebApplication application) => this.application = application;

    /// <summary>Replaces the answer to a request when it gives one: a status code, or a task that never ends.</summary>
    public Func<string, CancellationToken, Task<int?>>? Fault { get; set; }

    /// <summary>Methods of the requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    public JsonObject? Spec
    {
        get
        {
            lock (gate)
            {
                return lease?["spec"]?.DeepClone().AsObject();
            }
        }
    }

    public string? Holder => (string?)Spec?["holderIdentity"];

    public KubeConfig Config => new() { Server = new(application.Urls.First()) };

    public static async Task<LeaseServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var server = new LeaseServer(application);
        application.Run(server.AnswerAsync);
        await application.StartAsync();
        return server;
    }

    /// <summary>Writes as another client would.</summary>
    public void Put(JsonObject? spec)
    {
        lock (gate)
        {
            Store_NeedsLock(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "test", ["namespace"] = "default", ["uid"] = "u1" }, ["spec"] = spec });
        }
    }

    public void ClearRequests()
    {
        lock (gate)
        {
            requests.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await application.StopAsync(now.Token);
        await application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Query.ContainsKey("watch") || context.Request.Query.ContainsKey("fieldSelector"))
        {
            // Not allowed, as it may well be: without it the election is slower and nothing else.
            context.Response.StatusCode = 403;
            return;
        }

        var method = context.Request.Method;
        lock (gate)
        {
            requests.Add(method);
        }

        if (Fault is { } fault && await fault(method, context.RequestAborted) is { } code)
        {
            context.Response.StatusCode = code;
            return;
        }

        var body = context.Request.ContentLength > 0 ? (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject() : null;
        var (status, answer) = Handle(method, body);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private (int Status, JsonObject Answer) Handle(string method, JsonObject? body)
    {
        lock (gate)
        {
            switch (method)
            {
                case "GET":
                    return lease is null ? Failure(404, "NotFound") : (200, lease.DeepClone().AsObject());
                case "POST" when lease is not null:
                    return Failure(409, "AlreadyExists");
                case "PUT" when lease is null:
                    return Failure(404, "NotFound");
                case "PUT" when (string?)body!["metadata"]!["resourceVersion"] != (string?)lease!["metadata"]!["resourceVersion"]:
                    return Failure(409, "Conflict");
                default:
                    Store_NeedsLock(body!);
                    return (method == "POST" ? 201 : 200, lease!.DeepClone().AsObject());
            }
        }
    }

    private void Store_NeedsLock(JsonObject value)
    {
        value["metadata"]!["resourceVersion"] = $"{++version}";
        value["metadata"]!["uid"] = "u1";
        lease = value;
    }

    private static (int Status, JsonObject Answer) Failure(int code, string reason) =>
        (code, new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["reason"] = reason, ["message"] = reason, ["code"] = code });
}
