using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>The <c>continue</c> of a paged list: which snapshot, and where the next page starts. Opaque for clients; its form is that of Kubernetes.</summary>
internal readonly record struct ListToken(long Revision, ObjectKey Start)
{
    private const string Form = "meta.k8s.io/v1";

    /// <summary>Whether the page comes from whatever there is when it is asked for: any revision below zero says so.</summary>
    public bool IsInconsistent => Revision < 0;

    /// <summary>The same place in the list as it is when it is asked for.</summary>
    public ListToken AtLatest() => this with { Revision = -1 };

    public string Encode()
    {
        var token = new JsonObject { ["v"] = Form, ["rv"] = Revision, ["start"] = $"{Start.Namespace}/{Start.Name}" };
        return Base64Url.EncodeToString(ObjectBytes.Of(token));
    }

    /// <exception cref="ApiError">400: nobody gave out this token.</exception>
    public static ListToken Decode(string text)
    {
        try
        {
            var token = JsonDecoder.Decode(Bytes(text));
            if (token is not JsonObject)
            {
                throw new FormatException($"json: cannot unmarshal {GoTypes.NameOf(token)} into Go value of type storage.continueToken");
            }

            Expect(token["v"], JsonValueKind.String, "v", "string");
            Expect(token["rv"], JsonValueKind.Number, "rv", "int64");
            Expect(token["start"], JsonValueKind.String, "start", "string");
            return Read(token);
        }
        catch (FormatException e)
        {
            throw Invalid($": {e.Message}");
        }
    }

    private static ListToken Read(JsonNode token)
    {
        if (token.Text("v") is var form && form != Form)
        {
            throw Invalid($": server does not recognize this encoded version {form}");
        }

        if (token.Number("rv") is not { } revision || revision == 0)
        {
            throw Invalid($": incorrect encoded start resourceVersion (version {Form})");
        }

        if (token.Text("start") is not { Length: > 0 } start)
        {
            throw Invalid($": encoded start key empty (version {Form})");
        }

        var rooted = start.StartsWith('/') ? start : $"/{start}";
        if (rooted.Split('/').Skip(1).Any(part => part is "" or "." or "..") && start.IndexOf('/', StringComparison.Ordinal) != 0)
        {
            throw Invalid($": {start}");
        }

        var slash = start.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new(revision, ObjectKey.ClusterScoped(start)) : new(revision, new(start[..slash], start[(slash + 1)..]));
    }

    private static void Expect(JsonNode? value, JsonValueKind kind, string field, string type)
    {
        if (value is not null && value.GetValueKind() != kind)
        {
            throw new FormatException($"json: cannot unmarshal {GoTypes.NameOf(value)} into Go struct field continueToken.{field} of type {type}");
        }
    }

    // As lenient as Go about the bits that are left over at the end.
    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>(text.Length);
        var (bits, count) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var value = ValueOf(text[i]);
            if (value < 0 || (i == text.Length - 1 && text.Length % 4 == 1))
            {
                throw new FormatException($"illegal base64 data at input byte {i}");
            }

            bits = ((bits << 6) | value) & 0xFFFF;
            count += 6;
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
            }
        }

        return [.. bytes];
    }

    private static int ValueOf(char digit) => digit switch
    {
        >= 'A' and <= 'Z' => digit - 'A',
        >= 'a' and <= 'z' => digit - 'a' + 26,
        >= '0' and <= '9' => digit - '0' + 52,
        '-' => 62,
        '_' => 63,
        _ => -1,
    };

    private static ApiError Invalid(string why) => ApiError.BadRequest($"invalid continue token: continue key is not valid{why}");
}
