using System.Text.Json;

namespace Capstan.Webhooks;

/// <summary>Where the parts of an AdmissionReview stand in its body. Found in one pass that makes no strings.</summary>
internal struct ReviewSlices
{
    /// <summary>Deep enough for any object, with room for the review around it.</summary>
    public const int MaxDepth = 1040;

    /// <summary>An index and a length; nothing where the field is absent or null.</summary>
    public readonly record struct Slice(int Start, int Length);

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    public Slice ApiVersion, Uid, Kind, Resource, SubResource, RequestKind, RequestResource, RequestSubResource, Name, Namespace, Operation, UserInfo, Object, OldObject, RequestOptions;

    public bool IsReview, HasRequest, DryRun;

    /// <exception cref="JsonException">Not JSON, or not an object.</exception>
    public static ReviewSlices Read(ReadOnlySpan<byte> body)
    {
        var slices = default(ReviewSlices);
        var reader = new Utf8JsonReader(body, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an AdmissionReview must be a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("request"u8))
            {
                reader.Read();
                slices.HasRequest = reader.TokenType == JsonTokenType.StartObject;
                if (slices.HasRequest)
                {
                    slices.ReadRequest(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                reader.Read();
                slices.IsReview = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("AdmissionReview"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("apiVersion"u8))
            {
                slices.ApiVersion = Take(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        // What follows the object is no JSON: told as such by the reader.
        reader.Read();
        return slices;
    }

    private void ReadRequest(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("uid"u8))
            {
                Uid = Take(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                Object = Take(ref reader);
            }
            else if (reader.ValueTextEquals("oldObject"u8))
            {
                OldObject = Take(ref reader);
            }
            else if (reader.ValueTextEquals("operation"u8))
            {
                Operation = Take(ref reader);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                Name = Take(ref reader);
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                Namespace = Take(ref reader);
            }
            else if (reader.ValueTextEquals("userInfo"u8))
            {
                UserInfo = Take(ref reader);
            }
            else if (reader.ValueTextEquals("dryRun"u8))
            {
                reader.Read();
                DryRun = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                Kind = Take(ref reader);
            }
            else if (reader.ValueTextEquals("resource"u8))
            {
                Resource = Take(ref reader);
            }
            else if (reader.ValueTextEquals("subResource"u8))
            {
                SubResource = Take(ref reader);
            }
            else if (reader.ValueTextEquals("requestKind"u8))
            {
                RequestKind = Take(ref reader);
            }
            else if (reader.ValueTextEquals("requestResource"u8))
            {
                RequestResource = Take(ref reader);
            }
            else if (reader.ValueTextEquals("requestSubResource"u8))
            {
                RequestSubResource = Take(ref reader);
            }
            else if (reader.ValueTextEquals("options"u8))
            {
                RequestOptions = Take(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>The value that follows, unread.</summary>
    private static Slice Take(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new(start, (int)reader.BytesConsumed - start);
    }
}
