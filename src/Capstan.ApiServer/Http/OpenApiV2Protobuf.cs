using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>Writes the OpenAPI 2.0 document as the protobuf message that kubectl asks for (<c>openapi.v2.Document</c> of gnostic): its client reads no other form.</summary>
/// <remarks>The numbers are those of the fields in the published message definition.</remarks>
internal static class OpenApiV2Protobuf
{
    /// <summary>The message.</summary>
    public static byte[] Write(JsonObject document)
    {
        var message = new ProtobufMessage();
        message.Text(1, document.Text("swagger"));
        message.Message(2, Info(document.Map("info")!));
        var paths = new ProtobufMessage();
        foreach (var (path, item) in document.Map("paths")!)
        {
            paths.Message(2, Named(path, PathItem(item!.AsObject())));
        }

        message.Message(8, paths);
        var definitions = new ProtobufMessage();
        foreach (var (name, schema) in document.Map("definitions")!)
        {
            definitions.Message(1, Named(name, Schema(schema!.AsObject())));
        }

        message.Message(9, definitions);
        return message.ToArray();
    }

    private static ProtobufMessage Info(JsonObject info)
    {
        var message = new ProtobufMessage();
        message.Text(1, info.Text("title"));
        message.Text(2, info.Text("version"));
        return message;
    }

    private static ProtobufMessage PathItem(JsonObject item)
    {
        var message = new ProtobufMessage();
        foreach (var (field, method) in (ReadOnlySpan<(int, string)>)[(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")])
        {
            if (item.Map(method) is { } operation)
            {
                message.Message(field, Operation(operation));
            }
        }

        AddParameters(message, 9, item.Items("parameters"));
        return message;
    }

    private static ProtobufMessage Operation(JsonObject operation)
    {
        var message = new ProtobufMessage();
        message.Texts(1, operation.Items("tags"));
        message.Text(3, operation.Text("description"));
        message.Text(5, operation.Text("operationId"));
        message.Texts(6, operation.Items("produces"));
        message.Texts(7, operation.Items("consumes"));
        AddParameters(message, 8, operation.Items("parameters"));
        var responses = new ProtobufMessage();
        foreach (var (code, response) in operation.Map("responses")!)
        {
            var written = new ProtobufMessage();
            written.Text(1, response.Text("description"));
            if (response.Map("schema") is { } schema)
            {
                written.Message(2, Wrapped(1, Schema(schema)));
            }

            responses.Message(1, Named(code, Wrapped(1, written)));
        }

        message.Message(9, responses);
        message.Texts(10, operation.Items("schemes"));
        AddExtensions(message, 13, operation);
        return message;
    }

    private static void AddParameters(ProtobufMessage message, int field, IList<JsonNode?> parameters)
    {
        foreach (var parameter in parameters.OfType<JsonObject>())
        {
            message.Message(field, Wrapped(1, parameter.Text("in") == "body" ? Wrapped(1, Body(parameter)) : Wrapped(2, Simple(parameter))));
        }
    }

    private static ProtobufMessage Body(JsonObject parameter)
    {
        var message = new ProtobufMessage();
        message.Text(2, parameter.Text("name"));
        message.Text(3, "body");
        message.Flag(4, parameter.Flag("required"));
        message.Message(5, Schema(parameter.Map("schema")!));
        return message;
    }

    private static ProtobufMessage Simple(JsonObject parameter)
    {
        var inPath = parameter.Text("in") == "path";
        var message = new ProtobufMessage();
        message.Flag(1, parameter.Flag("required"));
        message.Text(2, parameter.Text("in"));
        message.Text(3, parameter.Text("description"));
        message.Text(4, parameter.Text("name"));
        message.Text(inPath ? 5 : 6, parameter.Text("type"));
        message.Flag(inPath ? 19 : 20, parameter.Flag("uniqueItems"));
        return Wrapped(inPath ? 4 : 3, message);
    }

    private static ProtobufMessage Schema(JsonObject schema)
    {
        var message = new ProtobufMessage();
        message.Text(1, schema.Text("$ref"));
        message.Text(2, schema.Text("format"));
        message.Text(3, schema.Text("title"));
        message.Text(4, schema.Text("description"));
        if (schema["default"] is { } value)
        {
            message.Message(5, Any(value));
        }

        message.Real(7, schema["maximum"]);
        message.Real(9, schema["minimum"]);
        message.Whole(11, schema.Number("maxLength"));
        message.Whole(12, schema.Number("minLength"));
        message.Text(13, schema.Text("pattern"));
        message.Whole(14, schema.Number("maxItems"));
        message.Whole(15, schema.Number("minItems"));
        message.Flag(16, schema.Flag("uniqueItems"));
        message.Texts(19, schema.Items("required"));
        foreach (var allowed in schema.Items("enum"))
        {
            message.Message(20, Any(allowed));
        }

        if (schema.Map("additionalProperties") is { } values)
        {
            message.Message(21, Wrapped(1, Schema(values)));
        }
        else if (schema.Flag("additionalProperties") == true)
        {
            var anything = new ProtobufMessage();
            anything.Flag(2, true);
            message.Message(21, anything);
        }

        if (schema.Text("type") is { } type)
        {
            var item = new ProtobufMessage();
            item.Text(1, type);
            message.Message(22, item);
        }

        if (schema.Map("items") is { } items)
        {
            message.Message(23, Wrapped(1, Schema(items)));
        }

        if (schema.Map("properties") is { } properties)
        {
            var written = new ProtobufMessage();
            foreach (var (name, property) in properties)
            {
                written.Message(1, Named(name, Schema(property!.AsObject())));
            }

            message.Message(25, written);
        }

        AddExtensions(message, 31, schema);
        return message;
    }

    private static void AddExtensions(ProtobufMessage message, int field, JsonObject obj)
    {
        foreach (var (name, value) in obj.Where(f => f.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            message.Message(field, Named(name, Any(value)));
        }
    }

    // A value of any form is a line of YAML, of which JSON is a part.
    private static ProtobufMessage Any(JsonNode? value)
    {
        var message = new ProtobufMessage();
        message.Text(2, (value?.ToJsonString() ?? "null") + "\n");
        return message;
    }

    private static ProtobufMessage Named(string name, ProtobufMessage value)
    {
        var message = new ProtobufMessage();
        message.Text(1, name);
        message.Message(2, value);
        return message;
    }

    private static ProtobufMessage Wrapped(int field, ProtobufMessage value)
    {
        var message = new ProtobufMessage();
        message.Message(field, value);
        return message;
    }
}
