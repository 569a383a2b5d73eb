using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the OpenAPI 2.0 document of everything that is served, from the same parts as the third version.</summary>
internal static class OpenApiV2
{
    /// <summary>The document.</summary>
    public static JsonObject Of(IReadOnlyList<ServedResource> resources)
    {
        var third = OpenApiV3.Of(resources);
        var paths = new JsonObject();
        foreach (var (path, item) in third.Map("paths")!)
        {
            paths[path] = Path(item!.AsObject());
        }

        var definitions = new JsonObject();
        foreach (var (name, schema) in third.Map("components", "schemas")!)
        {
            definitions[name] = Schema(schema);
        }

        return new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = paths,
            ["definitions"] = definitions,
        };
    }

    private static JsonObject Path(JsonObject item)
    {
        var path = new JsonObject();
        foreach (var (name, value) in item)
        {
            path[name] = value is JsonArray parameters ? Parameters(parameters) : Operation(value!.AsObject());
        }

        return path;
    }

    private static JsonObject Operation(JsonObject third)
    {
        var consumes = third.Map("requestBody", "content")?.Select(c => c.Key) ?? ["*/*"];
        var operation = new JsonObject
        {
            ["description"] = third["description"]!.DeepClone(),
            ["consumes"] = new JsonArray([.. consumes.Select(c => (JsonNode)c)]),
            ["produces"] = new JsonArray("application/json", "application/yaml"),
            ["schemes"] = new JsonArray("https"),
            ["tags"] = third["tags"]!.DeepClone(),
            ["operationId"] = third["operationId"]!.DeepClone(),
        };
        var parameters = Parameters(third["parameters"]!.AsArray());
        if (third.Map("requestBody") is { } body)
        {
            parameters.Insert(0, new JsonObject
            {
                ["name"] = "body",
                ["in"] = "body",
                ["required"] = body["required"]!.DeepClone(),
                ["schema"] = Schema(body.Map("content")!.First().Value.At("schema")),
            });
        }

        operation["parameters"] = parameters;
        var responses = new JsonObject();
        foreach (var (code, response) in third.Map("responses")!)
        {
            var written = new JsonObject { ["description"] = response.Text("description") };
            if (response.Map("content")?.First().Value.At("schema") is { } schema)
            {
                written["schema"] = Schema(schema);
            }

            responses[code] = written;
        }

        operation["responses"] = responses;
        operation["x-kubernetes-action"] = third["x-kubernetes-action"]!.DeepClone();
        operation["x-kubernetes-group-version-kind"] = third["x-kubernetes-group-version-kind"]!.DeepClone();
        return operation;
    }

    private static JsonArray Parameters(JsonArray third)
    {
        var parameters = new JsonArray();
        foreach (var item in third)
        {
            var parameter = item!.DeepClone().AsObject();
            var schema = parameter.Map("schema")!;
            parameter.Remove("schema");
            foreach (var (name, value) in schema)
            {
                parameter[name] = value?.DeepClone();
            }

            parameters.Add((JsonNode)parameter);
        }

        return parameters;
    }

    /// <summary>A schema of the third version in the words of the second, which knows no anyOf, oneOf, not and nullable, and nothing beside a reference.</summary>
    private static JsonNode? Schema(JsonNode? third)
    {
        switch (third)
        {
            case JsonArray items:
                return new JsonArray([.. items.Select(Schema)]);
            case JsonObject { Count: > 0 } fields when fields.Text("$ref") is { } reference:
                return new JsonObject { ["$ref"] = reference.Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal) };
            case JsonObject fields when fields["allOf"] is JsonArray { Count: 1 } only && only[0].Text("$ref") is not null:
                var referred = Schema(only[0])!.AsObject();
                foreach (var extension in fields.Where(f => f.Key.StartsWith("x-", StringComparison.Ordinal) || f.Key == "description"))
                {
                    referred[extension.Key] = extension.Value?.DeepClone();
                }

                return referred;
            case JsonObject fields:
                var second = new JsonObject();
                foreach (var (name, value) in fields.Where(f => f.Key is not ("anyOf" or "oneOf" or "not" or "allOf" or "nullable")))
                {
                    second[name] = name switch
                    {
                        "properties" => new JsonObject(value!.AsObject().Select(p => KeyValuePair.Create(p.Key, Schema(p.Value)))),
                        "items" or "additionalProperties" => Schema(value),
                        _ => value?.DeepClone(),
                    };
                }

                return second;
            default:
                return third?.DeepClone();
        }
    }
}
