using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

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
}

/// <summary>What the client wants to read, negotiated from <c>Accept</c> and <c>pretty</c>.</summary>
/// <param name="Yaml">YAML rather than JSON.</param>
/// <param name="Shape">Transformation asked for.</param>
/// <param name="MetaVersion">apiVersion of the transformed object.</param>
/// <param name="Pretty">Indented JSON.</param>
internal readonly record struct Representation(bool Yaml, Shape Shape, string MetaVersion, bool Pretty)
{
    private const string Types = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

    /// <summary>What an error is written in when the client's wish cannot be read.</summary>
    public static readonly Representation Json = new(false, Shape.Object, "", false);

    public string ContentType => Yaml ? "application/yaml" : "application/json";

    /// <summary>Negotiates.</summary>
    /// <exception cref="ApiError">406: nothing that the client accepts can be made.</exception>
    public static Representation Negotiate(HttpRequest request, bool watch)
    {
        var pretty = IsPretty(request);
        var accept = string.Join(',', request.Headers.Accept.ToArray());
        if (string.IsNullOrWhiteSpace(accept))
        {
            return Json with { Pretty = pretty };
        }

        var known = false;
        foreach (var clause in Clauses(accept))
        {
            bool yaml;
            switch (clause.Type)
            {
                case "application/json" or "*/*":
                    yaml = false;
                    break;
                case "application/yaml" when !watch:
                    yaml = true;
                    break;
                default:
                    continue;
            }

            known = true;
            if (ShapeOf(clause) is { } shape)
            {
                return new Representation(yaml, shape, shape == Shape.Object ? "" : $"meta.k8s.io/{clause.Parameters["v"]}", pretty);
            }
        }

        throw known
            ? ApiError.NotAcceptable($"only the following media types are accepted: {Types}")
            : ApiError.NotAcceptable(
                $"406: Not Acceptable\n\nAvailable representations: {Types}" + (watch ? ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch" : ""),
                new ApiStatusDetails());
    }

    /// <summary>The representation of a Status: the client's format, without its transformation.</summary>
    public static Representation OfError(HttpRequest request)
    {
        try
        {
            return Negotiate(request, watch: false) with { Shape = Shape.Object };
        }
        catch (ApiError)
        {
            return Json with { Pretty = IsPretty(request) };
        }
    }

    private static Shape? ShapeOf(Clause clause)
    {
        if (!clause.Parameters.TryGetValue("as", out var shape))
        {
            return Shape.Object;
        }

        if (clause.Parameters.GetValueOrDefault("g") != "meta.k8s.io" || clause.Parameters.GetValueOrDefault("v") is not ("v1" or "v1beta1"))
        {
            return null;
        }

        return shape switch
        {
            "Table" => Shape.Table,
            "PartialObjectMetadata" => Shape.Metadata,
            "PartialObjectMetadataList" => Shape.MetadataList,
            _ => null,
        };
    }

    private static IEnumerable<Clause> Clauses(string accept) => accept.Split(',').Select(Parse).OrderByDescending(c => c.Quality);

    private static Clause Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var quality = 1.0;
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part, "") : (part[..equals].Trim(), part[(equals + 1)..].Trim().Trim('"'));
            if (name == "q")
            {
                _ = double.TryParse(value, CultureInfo.InvariantCulture, out quality);
            }
            else
            {
                parameters[name] = value;
            }
        }

        return new Clause(parts[0].ToLowerInvariant(), quality, parameters);
    }

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

    private sealed record Clause(string Type, double Quality, IReadOnlyDictionary<string, string> Parameters);
}
