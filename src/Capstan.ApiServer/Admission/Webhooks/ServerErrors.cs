using System.Text;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>What a Kubernetes client says of an answer that is no success.</summary>
internal static class ServerErrors
{
    private const int MostOfBody = 2048;

    /// <param name="code">The code of the answer.</param>
    /// <param name="type">The media type of its body.</param>
    /// <param name="body">Its body: a Status speaks for itself, and text is quoted.</param>
    public static string Text(int code, string type, byte[] body)
    {
        if (StatusMessage(body) is { } message)
        {
            return message;
        }

        var told = type.Length == 0 || type.StartsWith("text/", StringComparison.Ordinal) ? Encoding.UTF8.GetString(body).Trim() : "";
        told = told.Length == 0 ? "unknown" : told.Length > MostOfBody ? told[..MostOfBody] : told;
        return code switch
        {
            400 => "the server rejected our request for an unknown reason",
            401 => "the server has asked for the client to provide credentials",
            403 => told,
            404 => "the server could not find the requested resource",
            405 => "the server does not allow this method on the requested resource",
            406 => told == "unknown" ? "the server was unable to respond with a content type that the client supports" : told,
            409 => "the server reported a conflict",
            410 => "the server is no longer able to serve the requested resource",
            413 => "the server responded with the status code 413 but did not return more information",
            415 => told == "unknown" ? "the server was unable to respond with a content type that the client supports" : told,
            422 => "the server rejected our request due to an error in our request",
            429 => "the server has received too many requests and has asked us to try again later",
            503 => "the server is currently unable to handle the request",
            504 => "the server was unable to return a response in the time allotted, but may still be processing the request",
            >= 500 => $"an error on the server ({GoFormat.Quote(told)}) has prevented the request from succeeding",
            _ => $"the server responded with the status code {code} but did not return more information",
        };
    }

    private static string? StatusMessage(byte[] body)
    {
        try
        {
            var status = JsonDecoder.Decode(body);
            return status.Text("kind") == "Status" && status.Text("status") == "Failure" ? status.Text("message") : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
