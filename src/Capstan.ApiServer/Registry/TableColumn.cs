using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>One column of a table, and how a cell is found in an object.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Type">OpenAPI type: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or <c>date</c>.</param>
/// <param name="Format">OpenAPI format; <c>name</c> marks the object's name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Priority">0: always shown; greater: only with <c>-o wide</c>.</param>
/// <param name="Cell">The value for an object at a time; null is an empty cell.</param>
internal sealed record TableColumn(string Name, string Type, string Format, string Description, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell);
