using Capstan.ApiServer.Http.Protobuf;
using Capstan.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>How objects are written.</summary>
internal enum Format
{
    Json,
    Yaml,
    Protobuf,
}

/// <summary>What an object or a list is turned into for the client.</summary>
internal enum Shape
{
    /// <summary>The object itself.</summary>
    Object,

    /// <summary>meta.k8s.io Table.</summary>
    Table,

    /// <summary>meta.k8s.io PartialObjectMetadata.</summary>
    Metadata,

    /// <summary>meta.k8s.io PartialObjectMetadataList.</summary>
    MetadataList,

    /// <summary>apidiscovery.k8s.io APIGroupDiscoveryList: all groups, versions and resources in one document.</summary>
    Discovery,
}

/// <summary>What the client wants to read, negotiated from <c>Accept</c> and <c>pretty</c>.</summary>
/// <param name="Format">JSON, YAML or protobuf.</param>
/// <param name="Shape">Transformation asked for.</param>
/// <param name="MetaVersion">apiVersion of the transformed object.</param>
/// <param name="Pretty">Indented JSON.</param>
internal readonly record struct Representation(Format Format, Shape Shape, string MetaVersion, bool Pretty)
{
    private const string JsonType = "application/json";
    private const string YamlType = "application/yaml";

    // In the order in which Kubernetes names them, and prefers them where the client takes anything.
    private static readonly (string Type, Format Format)[] Formats = [(JsonType, Format.Json), (YamlType, Format.Yaml), (ProtobufBody.MediaType, Format.Protobuf)];

    /// <summary>What an error is written in when the client's wish cannot be read.</summary>
    public static readonly Representation Json = new(Format.Json, Shape.Object, "", false);

    public string ContentType => Formats[(int)Format].Type + (Shape == Shape.Discovery ? ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" : "");

    /// <summary>Negotiates the answer about a resource.</summary>
    /// <exception cref="ApiError">406: nothing that the client accepts can be made.</exception>
    public static Representation OfResource(HttpRequest request, RequestInfo info, ServedResource served)
    {
        var watch = info.Verb == "watch";
        var protobuf = !served.IsCustom && ProtobufBody.CanWrite(served.Type.GroupVersionKind);
        if (!served.IsCustom)
        {
            CheckRoute(request, protobuf, info.Verb is "list" or "watch");
        }

        // Watches are streams of JSON alone.
        bool Shapes(Format format, Shape shape) => shape switch
        {
            Shape.Discovery => false,
            Shape.Table => format != Format.Protobuf,
            Shape.Object => format != Format.Protobuf || protobuf,

            // Metadata is the same message whatever it is of.
            _ => true,
        };
        if (!watch)
        {
            return Choose(request, Shapes) ?? throw NotAcceptable();
        }

        return Choose(request, static (format, shape) => format == Format.Json && shape != Shape.Discovery)
            ?? throw (Choose(request, Shapes) is null ? NotAcceptable() : ApiError.NotAcceptable($"only the following media types are accepted: {Streams(protobuf: true)}"));
    }

    /// <summary>Negotiates a discovery document.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="aggregated">Whether there is an aggregated form of it.</param>
    /// <param name="routed">Whether it is one of a group's version: such are refused in other words.</param>
    /// <exception cref="ApiError">406: nothing that the client accepts can be made.</exception>
    public static Representation OfDiscovery(HttpRequest request, bool aggregated, bool routed)
    {
        if (routed)
        {
            CheckRoute(request, protobuf: true, stream: false);
        }

        return Choose(request, (_, shape) => shape == Shape.Object || (aggregated && shape == Shape.Discovery)) ?? throw NotAcceptable();
    }

    /// <summary>Refuses a client that does not accept the one type that a document has.</summary>
    /// <exception cref="ApiError">406.</exception>
    public static void CheckType(HttpRequest request, string type)
    {
        if (!Accepts(request, [type]))
        {
            throw ApiError.NotAcceptable($"406: Not Acceptable\n\nAvailable representations: {type}", new ApiStatusDetails());
        }
    }

    /// <summary>The representation of a Status: the client's format where he wants one without a transformation, else JSON.</summary>
    public static Representation OfError(HttpRequest request) =>
        Choose(request, (_, shape) => shape == Shape.Object) ?? Json with { Pretty = IsPretty(request) };

    // The best clause that names a format and a transformation that can be had.
    private static Representation? Choose(HttpRequest request, Func<Format, Shape, bool> isPossible)
    {
        var pretty = IsPretty(request);
        foreach (var range in MediaRange.All(request))
        {
            foreach (var (type, format) in Formats)
            {
                if (range.Includes(type) && ShapeOf(range) is { } shape && isPossible(format, shape))
                {
                    return new Representation(format, shape, shape == Shape.Object ? "" : $"meta.k8s.io/{range.Parameters["v"]}", pretty);
                }
            }
        }

        return null;
    }

    private static Shape? ShapeOf(MediaRange range)
    {
        var (group, version, shape) = (range.Parameter("g"), range.Parameter("v"), range.Parameter("as"));
        return (group, version, shape) switch
        {
            (null, null, null) => Shape.Object,
            ("meta.k8s.io", "v1" or "v1beta1", "Table") => Shape.Table,
            ("meta.k8s.io", "v1" or "v1beta1", "PartialObjectMetadata") => Shape.Metadata,
            ("meta.k8s.io", "v1" or "v1beta1", "PartialObjectMetadataList") => Shape.MetadataList,
            ("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList") => Shape.Discovery,
            _ => null,
        };
    }

    // Kubernetes' router looks at the header before anything else does, in its own way and with its own words.
    private static void CheckRoute(HttpRequest request, bool protobuf, bool stream)
    {
        var types = Types(protobuf);
        if (!Accepts(request, types))
        {
            var streams = stream ? ", " + Streams(protobuf) : "";
            throw ApiError.NotAcceptable($"406: Not Acceptable\n\nAvailable representations: {string.Join(", ", types)}{streams}", new ApiStatusDetails());
        }
    }

    private static bool Accepts(HttpRequest request, IEnumerable<string> types)
    {
        var accept = string.Join(',', request.Headers.Accept.ToArray());
        return string.IsNullOrWhiteSpace(accept) || accept.Split(',').Any(clause => clause.Split(';')[0].Trim() is var type && (type == "*/*" || types.Contains(type)));
    }

    private static IEnumerable<string> Types(bool protobuf) => Formats.Where(f => protobuf || f.Format != Format.Protobuf).Select(f => f.Type);

    private static string Streams(bool protobuf) => $"{JsonType};stream=watch{(protobuf ? $", {ProtobufBody.MediaType};stream=watch" : "")}";

    private static ApiError NotAcceptable() => ApiError.NotAcceptable($"only the following media types are accepted: {string.Join(", ", Types(protobuf: true))}");

    // People with a browser or a terminal tool read answers themselves.
    private static bool IsPretty(HttpRequest request)
    {
        if (request.Query.TryGetValue("pretty", out var asked) && asked.ToString() is { Length: > 0 } text)
        {
            return text.ToLowerInvariant() is "1" or "t" or "true";
        }

        var agent = request.Headers.UserAgent.ToString();
        return agent.StartsWith("curl", StringComparison.Ordinal) || agent.StartsWith("Wget", StringComparison.Ordinal)
            || agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }
}
