using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Reviews;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Proxy;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Storage;
using Capstan.ApiServer.Storage.Durable;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>The way of every request, from top to bottom.</summary>
internal sealed class RequestPipeline(
    Authentication authentication,
    Impersonation impersonation,
    Authorization authorization,
    Catalogue catalogue,
    Documents documents,
    Store store,
    Reads reads,
    NodeConnections connections,
    Aggregator aggregator,
    Watches watches,
    Writes writes,
    Reviews reviews,
    PodActions pods,
    Responder responder,
    RequestMetrics metrics,
    TimeProvider clock)
{
    public async Task HandleAsync(HttpContext http)
    {
        // 1. What is it about? From the path alone.
        var request = RequestInfo.Of(http.Request);
        var started = TimeProvider.System.GetTimestamp();
        using var answering = metrics.Answering(request);
        var warnings = new List<string>();
        http.Response.Headers.CacheControl = "no-cache, private";
        http.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
        try
        {
            if (request.Malformed)
            {
                await responder.WriteAsync(http, request, Representation.OfError(http.Request), Documents.Malformed, warnings);
                return;
            }

            CheckTimeout(request);

            // 2. Who asks, and may they? Nothing is looked up before, so that nobody learns what exists by asking.
            var user = impersonation.Apply(http.Request, authentication.Authenticate(http, warnings), request);
            authorization.Check(AccessQuestion.Of(user, request));

            // What another server serves is its business from here on.
            if (aggregator.Find(request) is { } aggregated)
            {
                await aggregator.ForwardAsync(http, user, aggregated);
                return;
            }

            // 3. Documents: discovery, health, version, metrics.
            if (!request.IsResource)
            {
                var (answer, form) = documents.Answer(http, request);
                await responder.WriteAsync(http, request, form, answer, warnings);
                return;
            }

            // 4. Which resource, and does it have this verb?
            var served = Find(request, out var missing);
            if (served is null)
            {
                await responder.WriteAsync(http, request, Representation.OfError(http.Request), missing!, warnings);
                return;
            }

            request.Served = true;
            if (served.DeprecationWarning is { } deprecated)
            {
                warnings.Add(deprecated);
            }

            if (NodeConnections.Are(request))
            {
                if (await connections.RunAsync(http, request, user) is { } instead)
                {
                    await responder.WriteAsync(http, request, Representation.OfError(http.Request), instead, warnings);
                }

                return;
            }

            // 5. In what form is the answer wanted? Refused before anything happens.
            var representation = Representation.OfResource(http.Request, request, served);

            // 6. Read, or decode, default, validate and store.
            if (request.Verb == "watch")
            {
                await watches.RunAsync(http, served, request, representation);
                return;
            }

            var result = await CommittedAnswerAsync(http, served, request, user, warnings);

            // 7. Respond.
            await responder.WriteAsync(http, request, representation, result, warnings);
        }
        catch (ApiError error)
        {
            await RefuseAsync(http, request, error, warnings);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(http, request, ApiError.Of(e.StatusCode, StatusReasons.BadRequest, e.Message), warnings);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            // A fault of this server: told as such, and the server goes on.
            await RefuseAsync(http, request, ApiError.Internal($"{e.GetType().Name}: {e.Message}"), warnings);
        }
        finally
        {
            metrics.Finished(request, http.Request.ContentType, http.Response.StatusCode, TimeProvider.System.GetElapsedTime(started));
        }
    }

    private ServedResource? Find(RequestInfo request, out Answer? missing)
    {
        var model = catalogue.Current;
        if (request.Method == "HEAD" && !request.IsProxied)
        {
            missing = Status(ApiError.MethodNotAllowed());
            return null;
        }

        var served = (request.TooLong && !request.IsProxied) || request.Odd ? null : model.Find(request.Group, request.Version, request.Resource);
        missing = null;
        if (served is null)
        {
            // Groups that are built in answer a Status; what no group serves is plainly not found.
            var known = request.Group.Length == 0 || model.All.Any(r => r.Type.Group == request.Group && !r.IsCustom);
            missing = known ? Status(ApiError.NoSuchResource()) : DocumentAnswer404;
            return null;
        }

        if (served.Type.Namespaced && request.Namespace.Length == 0 && (request.Name.Length > 0 || request.Verb is "create" or "deletecollection"))
        {
            missing = served.IsCustom ? DocumentAnswer404 : request.Name.Length == 0 ? Status(ApiError.MethodNotAllowed()) : Status(ApiError.NoSuchResource());
            return null;
        }

        if (!served.Type.Namespaced && request.Namespace.Length > 0)
        {
            missing = served.IsCustom ? DocumentAnswer404 : Status(ApiError.NoSuchResource());
            return null;
        }

        // Objects are made at their collection and changed at their own path.
        if (request.Subresource.Length == 0 && (request.Verb, request.Name.Length > 0) is ("create", true) or ("update" or "patch", false))
        {
            missing = Status(ApiError.MethodNotAllowed());
            return null;
        }

        var verbs = request.Subresource.Length == 0 ? served.Verbs : served.FindSubresource(request.Subresource)?.Verbs;
        if (verbs is not null && request.IsWatchPath && request.Verb != "watch")
        {
            missing = Status(ApiError.MethodNotAllowed());
            return null;
        }

        if (verbs is null || !(verbs.Contains(request.Verb) || (request.IsProxied && request.Method == "OPTIONS")))
        {
            // Kinds that are only asked have no objects, so no path of one.
            if (verbs is not null && request.Name.Length > 0 && request.Subresource.Length == 0 && !verbs.Contains("get") && !verbs.Contains("delete"))
            {
                missing = Status(ApiError.NoSuchResource());
                return null;
            }

            missing = Status(verbs is not null ? MethodNotAllowed(served, request)
                : served.IsCustom ? ApiError.NotFound(request.GroupResource, request.Name)
                : ApiError.NoSuchResource());
            return null;
        }

        return served;
    }

    // Answers come long before any sensible timeout; one that makes no sense is refused as in Kubernetes, which does not look at that of a watch.
    private static void CheckTimeout(RequestInfo request)
    {
        if (request.Verb != "watch" && request.Query["timeout"].ToString() is { Length: > 0 } timeout && GoDuration.FaultOf(timeout) is { } fault)
        {
            throw ApiError.BadRequest($"invalid timeout specified in the request URL - {fault}");
        }
    }

    /// <summary>The answer, once everything that it tells is there to stay. Reads tell of nothing else.</summary>
    private async Task<Answer> CommittedAnswerAsync(HttpContext http, ServedResource served, RequestInfo request, UserInfo user, List<string> warnings)
    {
        if (request.Verb is "get" or "list" && request.Subresource.Length == 0)
        {
            return await AnswerAsync(http, served, request, user, warnings);
        }

        var mark = store.Mark;
        try
        {
            Answer answer;
            try
            {
                answer = await AnswerAsync(http, served, request, user, warnings);
            }
            catch (ApiError)
            {
                // A refusal may rest on a write that is not there to stay yet.
                await store.CommittedAsync(mark);
                throw;
            }

            await store.CommittedAsync(mark);
            return answer;
        }
        catch (StorageException e)
        {
            throw ApiError.Unavailable(e.Message);
        }
    }

    // Custom resources go through a handler of their own, which knows the path and refuses the verb.
    private static ApiError MethodNotAllowed(ServedResource served, RequestInfo request) => served.IsCustom && request.Subresource.Length > 0
        ? ApiError.NotSupported(request.GroupResource, request.Verb)
        : ApiError.MethodNotAllowed();

    private async Task<Answer> AnswerAsync(HttpContext http, ServedResource served, RequestInfo request, UserInfo user, List<string> warnings)
    {
        switch (request.Verb)
        {
            case "get" when request.Subresource == "scale":
                return writes.GetScale(served, request);
            case "get":
                return reads.Get(served, request);
            case "list":
                return reads.List(served, request);
        }

        var started = clock.GetTimestamp();
        var body = await Bodies.ReadAsync(http);
        var agent = http.Request.Headers.UserAgent.ToString();
        WriteRequest Write(string kind, bool apply = false) => new(served, request, WriteOptions.Of(request, agent, kind, apply), user, warnings)
        {
            Cancellation = http.RequestAborted,
            Started = started,
        };
        var scale = request.Subresource == "scale";
        var kind = scale ? Scales.Kind.Type.Kind : served.Type.Kind;
        switch (request.Verb)
        {
            case "create" when request.Subresource.Length == 0 && served.Verbs.Contains("get"):
                var created = Bodies.Decode(http.Request, body, kind);
                if (pods.Accounts is { } accounts)
                {
                    await accounts.AwaitAsync(served, request.Namespace, created.Value, http.RequestAborted);
                }

                return await writes.CreateAsync(Write("CreateOptions"), created);
            case "create" when served.Type is { Group: "", Kind: "Binding" } || (request.Subresource == "binding" && served.Type is { Group: "", Kind: "Pod" }):
                return await pods.Binding.BindAsync(Write("CreateOptions"), Bodies.Decode(http.Request, body, "Binding"));
            case "create" when request.Subresource == "eviction":
                return await pods.Eviction.EvictAsync(Write("CreateOptions"), Bodies.Decode(http.Request, body, "Eviction"));
            case "create" when request.Subresource == "token":
                return await reviews.IssueTokenAsync(Write("CreateOptions"), Bodies.Decode(http.Request, body, "TokenRequest"));
            case "create" when request.Subresource.Length == 0 && served.Type.Group is "authentication.k8s.io" or "authorization.k8s.io":
                return await reviews.AnswerAsync(Write("CreateOptions"), Bodies.Decode(http.Request, body, kind));
            case "update":
                var update = Write("UpdateOptions");
                var replacement = Bodies.Decode(http.Request, body, kind);
                return await (scale ? writes.UpdateScaleAsync(update, replacement) : writes.UpdateAsync(update, replacement));
            case "patch":
                var type = PatchType(http.Request, served);
                if (type == Writes.ApplyType && pods.Accounts is { } wait)
                {
                    await wait.AwaitAsync(served, request.Namespace, null, http.RequestAborted);
                }

                var patch = Write("PatchOptions", apply: type == Writes.ApplyType);
                return await ((type, scale) switch
                {
                    (Writes.ApplyType, false) => writes.ApplyAsync(patch, body),
                    (Writes.ApplyType, true) => writes.ApplyScaleAsync(patch, body),
                    (_, false) => writes.PatchAsync(patch, type, body),
                    (_, true) => writes.PatchScaleAsync(patch, type, body),
                });
            case "delete":
                return await writes.DeleteAsync(Write("DeleteOptions"), DeleteOptions.Of(request, Bodies.MediaType(http.Request), body));
            case "deletecollection":
                return await writes.DeleteCollectionAsync(Write("DeleteOptions"), DeleteOptions.Of(request, Bodies.MediaType(http.Request), body), reads.List(served, request));
            default:
                throw ApiError.MethodNotAllowed();
        }
    }

    private static string PatchType(HttpRequest request, ServedResource served)
    {
        // The router compares letter by letter.
        var type = Bodies.MediaType(request);
        if (!(request.ContentType ?? "").Contains(type, StringComparison.Ordinal) || type is not (Writes.JsonPatchType or Writes.MergePatchType or Writes.StrategicPatchType or Writes.ApplyType))
        {
            throw ApiError.UnsupportedMediaType("415: Unsupported Media Type", new ApiStatusDetails());
        }

        return type != Writes.StrategicPatchType || !served.IsCustom
            ? type
            : throw ApiError.UnsupportedMediaType(
                $"the body of the request was in an unknown format - accepted media types include: {Writes.JsonPatchType}, {Writes.MergePatchType}, {Writes.ApplyType}");
    }

    private async Task RefuseAsync(HttpContext http, RequestInfo request, ApiError error, List<string> warnings)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        if (error.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await responder.WriteAsync(http, request, Representation.OfError(http.Request), Status(error), warnings);
    }

    private static StatusAnswer Status(ApiError error) => new(error.Status.Code ?? 500, error.Status);

    private static DocumentAnswer DocumentAnswer404 => Documents.NotFound;
}
