using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Http.Protobuf;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;
using Capstan.Yaml;

namespace Capstan.ApiServer.Registry;

/// <summary>How an object is to be deleted, from the body or the query.</summary>
internal sealed record DeleteOptions(long? GracePeriodSeconds, string? PropagationPolicy, bool? OrphanDependents, string? Uid, string? ResourceVersion, bool DryRun)
{
    /// <summary>What becomes of the dependents; null is as the kind has it.</summary>
    // The older way of saying Orphan; false is Background.
    public string? Propagation => PropagationPolicy ?? OrphanDependents switch { true => "Orphan", false => "Background", null => null };

    /// <exception cref="ApiError">400: not to be read; 422: contradictory.</exception>
    public static DeleteOptions Of(RequestInfo request, string mediaType, byte[] body)
    {
        var options = body.Length == 0 ? FromQuery(request) : FromBody(mediaType, body);
        var errors = new List<FieldError>();
        var dryRun = options.Items("dryRun").Select(d => d.Text() ?? "").ToList();
        if (dryRun.Exists(d => d != "All"))
        {
            errors.Add(new(
                FieldErrorReasons.NotSupported,
                "dryRun",
                $"Unsupported value: [{string.Join(",", dryRun.Select(GoFormat.Quote))}]: supported values: \"All\""));
        }

        if (options["orphanDependents"] is not null && options["propagationPolicy"] is not null)
        {
            errors.Add(new(
                FieldErrorReasons.Invalid,
                "propagationPolicy",
                $"Invalid value: {GoFormat.Quote(options.Text("propagationPolicy")!)}: orphanDependents and deletionPropagation cannot be both set"));
        }

        var propagation = options.Text("propagationPolicy");
        if (propagation is not (null or "Foreground" or "Background" or "Orphan"))
        {
            errors.Add(new(
                FieldErrorReasons.NotSupported,
                "propagationPolicy",
                $"Unsupported value: {GoFormat.Quote(propagation)}: supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""));
        }

        if (errors.Count > 0)
        {
            throw ApiError.Invalid("meta.k8s.io", "DeleteOptions", null, errors);
        }

        return new DeleteOptions(
            // Less than nothing is as little as can be.
            options.Number("gracePeriodSeconds") is { } seconds ? seconds < 0 ? 1 : seconds : null,
            propagation,
            options.Flag("orphanDependents"),
            options.Text("preconditions", "uid"),
            options.Text("preconditions", "resourceVersion"),
            dryRun.Count > 0);
    }

    /// <exception cref="ApiError">409: it is another object, or another version, than the one meant.</exception>
    public void CheckPreconditions(ServedResource served, StoredObject stored)
    {
        if (Uid is not null && Uid != stored.Uid)
        {
            throw Conflict($"the UID in the precondition ({Uid}) does not match the UID in record ({stored.Uid}). The object might have been deleted and then recreated");
        }

        var revision = stored.Revision.ToString(CultureInfo.InvariantCulture);
        if (ResourceVersion is not null && ResourceVersion != revision)
        {
            throw Conflict($"the ResourceVersion in the precondition ({ResourceVersion}) does not match the ResourceVersion in record ({revision}). The object might have been modified");
        }

        ApiError Conflict(string why) => ApiError.Conflict(new GroupResource(served.Type.Group, served.Type.Kind), stored.Key.Name, why);
    }

    /// <summary>As admission is shown it.</summary>
    public JsonObject ToJson()
    {
        var options = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "meta.k8s.io/v1" };
        if (GracePeriodSeconds is { } seconds)
        {
            options["gracePeriodSeconds"] = seconds;
        }

        if (Uid is not null || ResourceVersion is not null)
        {
            var preconditions = new JsonObject();
            options["preconditions"] = preconditions;
            preconditions["uid"] = Uid;
            preconditions["resourceVersion"] = ResourceVersion;
            foreach (var absent in preconditions.Where(field => field.Value is null).Select(field => field.Key).ToList())
            {
                preconditions.Remove(absent);
            }
        }

        if (OrphanDependents is { } orphan)
        {
            options["orphanDependents"] = orphan;
        }

        if (PropagationPolicy is not null)
        {
            options["propagationPolicy"] = PropagationPolicy;
        }

        if (DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }

        return options;
    }

    private static JsonObject FromQuery(RequestInfo request)
    {
        var options = new JsonObject();
        if (request.Query["gracePeriodSeconds"].ToString() is { Length: > 0 } grace)
        {
            options["gracePeriodSeconds"] = long.TryParse(grace, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
                ? seconds
                : throw ApiError.BadRequest($"strconv.ParseInt: parsing {GoFormat.Quote(grace)}: invalid syntax");
        }

        if (request.Query["propagationPolicy"].ToString() is { Length: > 0 } policy)
        {
            options["propagationPolicy"] = policy;
        }

        if (request.Query["dryRun"] is { Count: > 0 } dryRun)
        {
            options["dryRun"] = new JsonArray([.. dryRun.Select(d => (JsonNode?)d)]);
        }

        if (request.Query.ContainsKey("orphanDependents"))
        {
            options["orphanDependents"] = request.Flag("orphanDependents");
        }

        return options;
    }

    private static JsonObject FromBody(string mediaType, byte[] body)
    {
        JsonNode? node;
        try
        {
            node = mediaType switch
            {
                "" or "application/json" or "*/*" => JsonDecoder.Decode(body),
                "application/yaml" => YamlReader.ReadFirst(Encoding.UTF8.GetString(body), "yaml", []),
                ProtobufBody.MediaType => JsonDecoder.Decode(ProtobufBody.ToJson(body)),
                _ => throw Bodies.UnknownFormat(),
            };
        }
        catch (FormatException e)
        {
            throw ApiError.BadRequest($"couldn't get version/kind; json parse error: {e.Message}");
        }

        if (node is null)
        {
            return [];
        }

        if (node is not JsonObject options)
        {
            throw ApiError.BadRequest($"couldn't get version/kind; json parse error: json: cannot unmarshal {GoTypes.NameOf(node)} into Go value of type DeleteOptions");
        }

        var (kind, apiVersion) = (options.Text("kind"), options.Text("apiVersion"));
        if (kind is not (null or "" or "DeleteOptions"))
        {
            throw ApiError.BadRequest(
                $"no kind {GoFormat.Quote(kind)} is registered for version {GoFormat.Quote(apiVersion ?? "v1")} in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"");
        }

        Expect(options["gracePeriodSeconds"], JsonValueKind.Number, "gracePeriodSeconds", "int64");
        Expect(options["propagationPolicy"], JsonValueKind.String, "propagationPolicy", "v1.DeletionPropagation");
        Expect(options["preconditions"], JsonValueKind.Object, "preconditions", "v1.Preconditions");
        Expect(options["preconditions"].At("uid"), JsonValueKind.String, "preconditions.uid", "types.UID");
        Expect(options["preconditions"].At("resourceVersion"), JsonValueKind.String, "preconditions.resourceVersion", "string");
        return options;
    }

    private static void Expect(JsonNode? value, JsonValueKind kind, string field, string type)
    {
        if (value is not null && value.GetValueKind() != kind)
        {
            throw ApiError.BadRequest($"json: cannot unmarshal {GoTypes.NameOf(value)} into Go struct field DeleteOptions.{field} of type {type}");
        }
    }
}
