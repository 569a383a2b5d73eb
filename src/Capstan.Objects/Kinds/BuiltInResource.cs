namespace Capstan.Kinds;

/// <summary>A resource that Kubernetes itself serves, as its discovery tells it.</summary>
/// <param name="Type">Kind and where it is served.</param>
/// <param name="Singular">Lower-case singular.</param>
/// <param name="ShortNames">What people may type instead, for example <c>deploy</c>.</param>
/// <param name="Categories">Groups of resources that people may type, for example <c>all</c>.</param>
/// <param name="Verbs">What may be done, sorted: <c>create</c>, <c>delete</c>, <c>deletecollection</c>, <c>get</c>, <c>list</c>, <c>patch</c>, <c>update</c>, <c>watch</c>.</param>
/// <param name="Subresources">What is served below an object.</param>
public sealed record BuiltInResource(
    ResourceType Type,
    string Singular,
    IReadOnlyList<string> ShortNames,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Verbs,
    IReadOnlyList<BuiltInSubresource> Subresources);

/// <summary>A subresource of a built-in resource.</summary>
/// <param name="Name">For example <c>status</c> or <c>scale</c>.</param>
/// <param name="Kind">Kind of its objects, which may be another than the resource's.</param>
/// <param name="Verbs">What may be done, sorted.</param>
public sealed record BuiltInSubresource(string Name, GroupVersionKind Kind, IReadOnlyList<string> Verbs);
