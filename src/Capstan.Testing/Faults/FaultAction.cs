using System.Globalization;
using Capstan.ApiServer.Http;

namespace Capstan.Testing.Faults;

/// <summary>What a fault does to a request.</summary>
internal abstract record FaultAction
{
    /// <summary>Whether the request goes no further.</summary>
    public virtual bool Refuses => false;

    /// <summary>Before the request is handled; true: it is answered already.</summary>
    public abstract ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule);
}

/// <summary>Refuses.</summary>
internal sealed record AnswerFault(int Code, string Reason, string Message, TimeSpan? RetryAfter) : FaultAction
{
    public override bool Refuses => true;

    public override async ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        var seconds = RetryAfter is { } wait ? (int)Math.Ceiling(wait.TotalSeconds) : (int?)null;
        var status = new ApiStatus { Status = "Failure", Message = Message, Reason = Reason, Code = Code, Details = new ApiStatusDetails { RetryAfterSeconds = seconds } };
        if (seconds is { } header)
        {
            request.Http.Response.Headers.RetryAfter = header.ToString(CultureInfo.InvariantCulture);
        }

        await request.AnswerAsync(Code, ObjectBytes.Of(status, pretty: false));
        return true;
    }
}

/// <summary>Tells that the version is gone.</summary>
internal sealed record ExpiredFault : FaultAction
{
    private static readonly ApiStatus Gone = new() { Status = "Failure", Message = "too old resource version: injected fault", Reason = StatusReasons.Expired, Code = 410 };

    public override bool Refuses => true;

    public override async ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        var status = ObjectBytes.Of(Gone, pretty: false);
        if (request.Info.Verb == "watch")
        {
            await request.AnswerAsync(200, (byte[])[.. "{\"type\":\"ERROR\",\"object\":"u8, .. status, .. "}\n"u8]);
        }
        else
        {
            await request.AnswerAsync(410, status);
        }

        return true;
    }
}

/// <summary>Waits.</summary>
internal sealed record DelayFault(TimeSpan Delay) : FaultAction
{
    public override async ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        await Task.Delay(Delay, request.Clock, request.Http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }
}

/// <summary>Resets the connection.</summary>
internal sealed record ResetFault(int AfterBytes) : FaultAction
{
    public override ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        request.Filter(inner => new ResetBody(inner, AfterBytes, request));
        return ValueTask.FromResult(false);
    }
}

/// <summary>Answers from the past.</summary>
internal sealed record StaleFault(int Revisions) : FaultAction
{
    public override ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        if (request.Info.Verb == "watch")
        {
            request.Filter(inner => new LateEvents(inner, Revisions, rule.Removed));
        }
        else
        {
            request.Http.Features.Set(new ReadLag(Revisions));
        }

        return ValueTask.FromResult(false);
    }
}

/// <summary>Breaks a watch.</summary>
internal sealed record DropWatchFault(int AfterEvents) : FaultAction
{
    public override ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        request.Filter(inner => new LastEvents(inner, AfterEvents, request.Http.Abort));
        return ValueTask.FromResult(false);
    }
}

/// <summary>Ends a watch.</summary>
internal sealed record EndWatchFault(int AfterEvents) : FaultAction
{
    public override ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        request.Filter(inner => new LastEvents(inner, AfterEvents, request.End));
        return ValueTask.FromResult(false);
    }
}

/// <summary>Cuts events in two.</summary>
internal sealed record SplitEventsFault(int At, TimeSpan Pause) : FaultAction
{
    public override ValueTask<bool> BeginAsync(FaultedRequest request, FaultRule rule)
    {
        request.Filter(inner => new SplitEvents(inner, At, Pause, request.Clock));
        return ValueTask.FromResult(false);
    }
}
