using System.Globalization;
using System.Text;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

namespace Capstan.ApiServer.Proxy;

/// <summary>Which part of a log is wanted, as the query of <c>pods/log</c> says it.</summary>
internal static class PodLogOptions
{
    private static readonly (string Name, long Least)[] Numbers = [("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1)];

    /// <summary>The query in which a kubelet is asked for the same.</summary>
    /// <exception cref="ApiError">400 or 422: it makes no sense.</exception>
    public static string QueryOf(RequestInfo request)
    {
        Check(request);
        var query = new StringBuilder();
        foreach (var flag in (ReadOnlySpan<string>)["follow", "previous", "timestamps"])
        {
            if (request.Flag(flag))
            {
                query.Append('&').Append(flag).Append("=true");
            }
        }

        foreach (var name in (ReadOnlySpan<string>)["sinceSeconds", "sinceTime", "tailLines", "limitBytes"])
        {
            if (Text(request, name) is { } text)
            {
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(text));
            }
        }

        return query.Length == 0 ? "" : $"?{query.ToString(1, query.Length - 1)}";
    }

    private static void Check(RequestInfo request)
    {
        var errors = new List<FieldError>();
        if (Text(request, "sinceTime") is { } time && !KubeTime.TryParse(time, out _))
        {
            var quoted = GoFormat.Quote(time);
            throw ApiError.BadRequest($"parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \"2006\"");
        }

        foreach (var (name, least) in Numbers)
        {
            if (Text(request, name) is not { } text)
            {
                continue;
            }

            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                throw ApiError.BadRequest($"strconv.ParseInt: parsing {GoFormat.Quote(text)}: invalid syntax");
            }

            if (name == "sinceSeconds" && Text(request, "sinceTime") is not null)
            {
                errors.Add(FieldErrors.Forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
            }
            else if (value < least)
            {
                errors.Add(FieldErrors.Invalid(name, value, least == 0 ? "must be greater than or equal to 0" : "must be greater than 0"));
            }
        }

        if (Text(request, "stream") is not null)
        {
            errors.Add(FieldErrors.Forbidden("stream", "may not be specified"));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid("", "PodLogOptions", request.Name, errors);
        }
    }

    private static string? Text(RequestInfo request, string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
