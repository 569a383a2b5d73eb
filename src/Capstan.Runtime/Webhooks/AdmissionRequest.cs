using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Webhooks;

namespace Capstan;

/// <summary>A request to the API server that waits for a webhook's word (admission.k8s.io AdmissionRequest).</summary>
/// <remarks>Its parts stay in the body that came, and each is decoded when it is asked for: a handler that looks at the operation alone costs no more than that.
/// Not thread-safe.</remarks>
public class AdmissionRequest
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly ReviewSlices _slices;

    internal AdmissionRequest(ReadOnlyMemory<byte> body, in ReviewSlices slices, AdmissionOperation operation)
    {
        _body = body;
        _slices = slices;
        Operation = operation;
    }

    private protected AdmissionRequest(AdmissionRequest other)
        : this(other._body, other._slices, other.Operation)
    {
    }

    /// <summary>Tells this call from all others, also from another one about the same request.</summary>
    public string Uid => field ??= Text(_slices.Uid);

    /// <summary>What it wants to do.</summary>
    public AdmissionOperation Operation { get; }

    /// <summary>Whether nothing will be stored: then the handler must change nothing outside the object either.</summary>
    public bool DryRun => _slices.DryRun;

    /// <summary>The object's name; empty when the server is to make one from <c>generateName</c>.</summary>
    public string Name => field ??= Text(_slices.Name);

    /// <summary>The object's namespace; empty for cluster-scoped kinds.</summary>
    public string Namespace => field ??= Text(_slices.Namespace);

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>Kind of <see cref="Object"/>, in the version that the webhook's rules ask for.</summary>
    public GroupVersionKind Kind => Decode(_slices.Kind, AdmissionJson.Default.GroupVersionKind);

    /// <summary>Resource of <see cref="Object"/>, in the version that the webhook's rules ask for.</summary>
    public GroupVersionResource Resource => Decode(_slices.Resource, AdmissionJson.Default.GroupVersionResource);

    /// <summary>For example <c>status</c> or <c>scale</c>; empty for the object itself.</summary>
    public string SubResource => field ??= Text(_slices.SubResource);

    /// <summary>Kind that the client sent.</summary>
    public GroupVersionKind RequestKind => Decode(_slices.RequestKind, AdmissionJson.Default.GroupVersionKind);

    /// <summary>Resource that the client addressed.</summary>
    public GroupVersionResource RequestResource => Decode(_slices.RequestResource, AdmissionJson.Default.GroupVersionResource);

    /// <summary>Subresource that the client addressed.</summary>
    public string RequestSubResource => field ??= Text(_slices.RequestSubResource);

    /// <summary>Who sends the request.</summary>
    public AdmissionUser UserInfo => field ??= Decode(_slices.UserInfo, AdmissionJson.Default.AdmissionUser) ?? new();

    /// <summary>The object as it would be; null when it is deleted.</summary>
    /// <exception cref="JsonException">It is no object.</exception>
    public DynamicObject? Object => field ??= Parse(_slices.Object);

    /// <summary>The object as it is; null when it is created.</summary>
    /// <exception cref="JsonException">It is no object.</exception>
    public DynamicObject? OldObject => field ??= Parse(_slices.OldObject);

    /// <summary>The options of the request, for example DeleteOptions; null if it has none.</summary>
    /// <exception cref="JsonException">They are no object.</exception>
    public DynamicObject? Options => field ??= Parse(_slices.RequestOptions);

    private DynamicObject? Parse(ReviewSlices.Slice slice) => slice.Length == 0 ? null : DynamicObject.Parse(_body.Slice(slice.Start, slice.Length));

    private string Text(ReviewSlices.Slice slice)
    {
        if (slice.Length == 0)
        {
            return "";
        }

        var reader = new Utf8JsonReader(_body.Span.Slice(slice.Start, slice.Length));
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("a text of the AdmissionReview is not a string");
    }

    private T? Decode<T>(ReviewSlices.Slice slice, JsonTypeInfo<T> type) => slice.Length == 0 ? default : JsonSerializer.Deserialize(_body.Span.Slice(slice.Start, slice.Length), type);
}

/// <summary>An <see cref="AdmissionRequest"/> about a typed kind.</summary>
/// <typeparam name="T">Kind of the objects.</typeparam>
public sealed class AdmissionRequest<T> : AdmissionRequest
    where T : KubeObject, IKubeObject<T>
{
    internal AdmissionRequest(AdmissionRequest request)
        : base(request)
    {
    }

    /// <summary>The object as it would be; null when it is deleted. The handler's own: to change it, and to hand it to <see cref="AdmissionResult.Changed{T}"/>, is how it is mutated.</summary>
    /// <exception cref="JsonException">A field has another type than <typeparamref name="T"/> says.</exception>
    public new T? Object => field ??= base.Object?.To<T>();

    /// <summary>The object as it is; null when it is created.</summary>
    /// <exception cref="JsonException">A field has another type than <typeparamref name="T"/> says.</exception>
    public new T? OldObject => field ??= base.OldObject?.To<T>();
}
