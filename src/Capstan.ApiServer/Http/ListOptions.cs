using System.Globalization;
using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>Query parameters of a list or watch, checked as Kubernetes checks them.</summary>
internal sealed record ListOptions(
    long Limit, string Continue, string ResourceVersion, string ResourceVersionMatch, int? TimeoutSeconds, bool AllowWatchBookmarks, bool? SendInitialEvents)
{
    // Ten days: longer than any connection lives, and a timer can hold it.
    private const int LongestTimeout = 10 * 24 * 60 * 60;

    /// <exception cref="ApiError">400: not a number; 422: a combination that makes no sense.</exception>
    public static ListOptions Of(RequestInfo request)
    {
        var options = new ListOptions(
            Number(request, "limit") ?? 0,
            request.Query["continue"].ToString(),
            request.Query["resourceVersion"].ToString(),
            request.Query["resourceVersionMatch"].ToString(),
            Number(request, "timeoutSeconds") is { } seconds and not 0 ? (int)Math.Clamp(seconds, 0, LongestTimeout) : null,
            request.Flag("allowWatchBookmarks"),
            request.Query.ContainsKey("sendInitialEvents") ? request.Flag("sendInitialEvents") : null);
        var errors = new List<FieldError>();
        if (request.Verb == "watch")
        {
            options = options.WithInitialEvents();
            options.CheckWatch(errors);
        }
        else
        {
            options.CheckList(errors);
        }

        return errors.Count == 0 ? options : throw ApiError.Invalid("meta.k8s.io", "ListOptions", null, errors);
    }

    /// <summary>The resourceVersion as a number; null when it is empty.</summary>
    public long? Revision(Func<string, ApiError> refuse)
    {
        if (ResourceVersion.Length == 0)
        {
            return null;
        }

        if (ulong.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return (long)Math.Min(number, long.MaxValue);
        }

        var why = ResourceVersion.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax";
        var quoted = GoFormat.Quote(ResourceVersion);
        throw refuse($"resourceVersion: Invalid value: {quoted}: strconv.ParseUint: parsing {quoted}: {why}");
    }

    /// <summary>A watch that names no version begins with what there is, and says where that ends to those who take bookmarks.</summary>
    private ListOptions WithInitialEvents() => SendInitialEvents is null && ResourceVersionMatch.Length == 0 && ResourceVersion is ("" or "0")
        ? this with { SendInitialEvents = true, ResourceVersionMatch = "NotOlderThan" }
        : this;

    private static long? Number(RequestInfo request, string name)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiError.BadRequest($"strconv.ParseInt: parsing {GoFormat.Quote(text)}: {(text.TrimStart('-', '+').All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}");
    }

    private void CheckWatch(List<FieldError> errors)
    {
        if (SendInitialEvents is not null && ResourceVersionMatch != "NotOlderThan")
        {
            Forbid(errors, "resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (ResourceVersionMatch.Length == 0)
        {
            return;
        }

        if (SendInitialEvents is null)
        {
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        if (ResourceVersionMatch != "NotOlderThan")
        {
            errors.Add(new(FieldErrorReasons.NotSupported, "resourceVersionMatch", $"Unsupported value: {GoFormat.Quote(ResourceVersionMatch)}: supported values: \"NotOlderThan\""));
        }

        if (Continue.Length > 0)
        {
            Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }
    }

    private void CheckList(List<FieldError> errors)
    {
        if (ResourceVersionMatch.Length > 0)
        {
            if (ResourceVersion.Length == 0)
            {
                Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
            }

            if (Continue.Length > 0)
            {
                Forbid(errors, "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
            }

            if (ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
            {
                errors.Add(new(
                    FieldErrorReasons.NotSupported,
                    "resourceVersionMatch",
                    $"Unsupported value: {GoFormat.Quote(ResourceVersionMatch)}: supported values: \"Exact\", \"NotOlderThan\", \"\""));
            }

            if (ResourceVersionMatch == "Exact" && ResourceVersion == "0")
            {
                Forbid(errors, "resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
            }
        }

        if (SendInitialEvents is not null)
        {
            Forbid(errors, "sendInitialEvents", "sendInitialEvents is forbidden for list");
        }
    }

    private static void Forbid(List<FieldError> errors, string field, string why) => errors.Add(new(FieldErrorReasons.Forbidden, field, $"Forbidden: {why}"));
}
