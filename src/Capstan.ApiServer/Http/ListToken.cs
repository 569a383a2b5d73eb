using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Http;

/// <summary>The <c>continue</c> of a paged list: which snapshot, and where the next page starts. Opaque for clients; its form is that of Kubernetes.</summary>
internal readonly record struct ListToken(long Revision, ObjectKey Start)
{
    public string Encode()
    {
        var token = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = $"{Start.Namespace}/{Start.Name}" };
        return Base64Url.EncodeToString(ObjectBytes.Of(token));
    }

    /// <exception cref="ApiError">400: nobody gave out this token.</exception>
    public static ListToken Decode(string text)
    {
        try
        {
            var token = (JsonObject)JsonNode.Parse(Base64Url.DecodeFromChars(text))!;
            var start = (string)token["start"]!;
            var slash = start.IndexOf('/', StringComparison.Ordinal);
            return new ListToken((long)token["rv"]!, new ObjectKey(start[..slash], start[(slash + 1)..]));
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidCastException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw ApiError.BadRequest($"invalid continue token: continue key is not valid: {e.Message}");
        }
    }
}
