using System.Text;
using System.Text.Json;

namespace Capstan.Tool.Templates;

/// <summary>Templates and their objects for programs: <c>{"templates": [...]}</c>, one or many.</summary>
internal static class TreeJson
{
    /// <summary>Writes all of them.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<TemplateState> templates, TextWriter output)
    {
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("templates");
            await foreach (var state in templates)
            {
                Write(json, state);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, TemplateState state)
    {
        var status = state.Template.Status;
        json.WriteStartObject();
        json.WriteString("namespace", state.Template.Metadata.Namespace);
        json.WriteString("name", state.Template.Metadata.Name);
        json.WriteString("phase", status?.ProcessingPhase ?? "");
        json.WriteString("status", status?.Status ?? "");
        json.WriteBoolean("current", status?.ObservedGeneration == state.Template.Metadata.Generation);
        json.WriteStartArray("objects");
        foreach (var seen in state.Objects)
        {
            Write(json, seen);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ObjectState seen)
    {
        json.WriteStartObject();
        json.WriteString("id", seen.Id);
        json.WriteString("apiVersion", seen.Kind.ApiVersion);
        json.WriteString("kind", seen.Kind.Kind);
        json.WriteString("namespace", seen.Key.Namespace);
        json.WriteString("name", seen.Key.Name);
        json.WriteString("uid", seen.Uid);
        json.WriteString("state", seen.State);
        if (seen.IsReady is { } isReady)
        {
            json.WriteBoolean("ready", isReady);
        }
        else
        {
            json.WriteNull("ready");
        }

        json.WriteString("message", seen.Message);
        json.WriteString("created", seen.Created is { } created ? KubeTime.Format(created) : null);
        json.WriteStartArray("drift");
        foreach (var lost in seen.Drift)
        {
            json.WriteStartObject();
            json.WriteString("field", lost.Path);
            json.WriteString("manager", lost.By);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
