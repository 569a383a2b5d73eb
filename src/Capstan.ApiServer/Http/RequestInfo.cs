using Capstan.ApiServer.Registry;
using Capstan.Selectors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.ApiServer.Http;

/// <summary>What a request is about, read from its method and path alone, before anything is looked up: the words of authorization and metrics.</summary>
internal sealed record RequestInfo
{
    public required string Method { get; init; }

    /// <summary>The path with its segments decoded, for requests that are not about a resource.</summary>
    public required string Path { get; init; }

    /// <summary>Kubernetes' verb, or the method in lower case when the request is not about a resource.</summary>
    public required string Verb { get; init; }

    public required IQueryCollection Query { get; init; }

    public bool IsResource { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Whether the path is one of the old ones that only watch: <c>/api/v1/watch/…</c>.</summary>
    public bool IsWatchPath { get; init; }

    /// <summary>Segments after the subresource: no route has them.</summary>
    public bool TooLong { get; init; }

    /// <summary>Whether the path has a segment that no name can be: empty, or a slash in disguise.</summary>
    public bool Odd { get; init; }

    /// <summary>Whether the request is handed on to a pod, a Service or a node as it is: any method and path may follow.</summary>
    public bool IsProxied => Subresource == "proxy" && Group.Length == 0 && Resource is "pods" or "services" or "nodes";

    /// <summary>How many revisions ago the state is that a read is answered from; mostly 0.</summary>
    public int Lag { get; private init; }

    /// <summary>Whether the target is no path, or one that is escaped wrongly: nothing is looked up for it.</summary>
    public bool Malformed { get; init; }

    /// <summary>Set once the resource was found: metrics name no others, or anybody could fill the memory with made-up names.</summary>
    public bool Served { get; set; }

    public GroupResource GroupResource => new(Group, Resource);

    public ObjectKey Key => new(Namespace, Name);

    /// <summary>The namespace that rights must hold in: a namespace is judged as if it stood in itself.</summary>
    public string AccessNamespace => Resource == "namespaces" && Group.Length == 0 ? Name : Namespace;

    /// <summary>The name that rights must hold for: a list or watch of one name by field selector counts as one of that object.</summary>
    public string AccessName => Name.Length > 0 || Verb is not ("list" or "watch") ? Name : SelectedName();

    /// <summary><c>cluster</c>, <c>namespace</c> or <c>resource</c>, as metrics say it.</summary>
    public string Scope => !IsResource ? "" : Name.Length > 0 ? "resource" : Namespace.Length > 0 ? "namespace" : "cluster";

    public static RequestInfo Of(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var raw = mark < 0 ? target : target[..mark];
        var parts = raw.Trim('/').Split('/');
        var odd = raw.StartsWith("//", StringComparison.Ordinal);
        var malformed = !raw.StartsWith('/');
        for (var i = 0; i < parts.Length; i++)
        {
            malformed |= !QueryParameters.TryUnescape(parts[i], plusIsSpace: false, out parts[i]);
            odd |= IsOdd(parts[i]);
        }

        var plain = new RequestInfo
        {
            Method = request.Method,
            Path = raw.StartsWith("//", StringComparison.Ordinal) ? raw : "/" + string.Join('/', parts) + (raw.Length > 1 && raw.EndsWith('/') ? "/" : ""),
            Verb = request.Method.ToLowerInvariant(),
            Query = QueryParameters.Parse(mark < 0 ? "" : target.AsSpan(mark + 1)),
            Odd = odd,
            Lag = request.HttpContext.Features.Get<ReadLag>()?.Revisions ?? 0,
            Malformed = malformed,
        };
        var info = raw.StartsWith("//", StringComparison.Ordinal) ? plain : parts switch
        {
            ["api", var version, .. var rest] when rest.Length > 0 => plain.WithResource("", version, rest),
            ["apis", var group, var version, .. var rest] when rest.Length > 0 => plain.WithResource(group, version, rest),
            _ => plain,
        };

        // What comes after is the business of whoever it is handed on to.
        return info.IsProxied ? info with { Odd = parts.Take(info.Namespace.Length > 0 ? 7 : 5).Any(IsOdd) } : info;
    }

    private static bool IsOdd(string segment) => segment is "" or "." or ".." || segment.Contains('/', StringComparison.Ordinal);

    private RequestInfo WithResource(string group, string version, string[] rest)
    {
        var watchPath = rest is ["watch", _, ..];
        if (watchPath)
        {
            rest = rest[1..];
        }

        var ns = "";
        if (rest is ["namespaces", var given, var next, ..] && next is not ("status" or "finalize"))
        {
            ns = given;
            rest = rest[2..];
        }
        else if (rest is ["namespaces", var itself, ..])
        {
            // A namespace is authorized as if it stood in itself.
            ns = itself;
        }

        var name = rest.Length > 1 ? rest[1] : "";
        var isNamespace = rest[0] == "namespaces" && group.Length == 0;
        return this with
        {
            IsResource = true,
            Group = group,
            Version = version,
            Resource = rest[0],
            Name = name,
            Namespace = isNamespace ? "" : ns,
            Subresource = rest.Length > 2 ? rest[2] : "",
            TooLong = rest.Length > 3,
            IsWatchPath = watchPath,
            Verb = VerbOf(name.Length > 0, watchPath),
        };
    }

    private string SelectedName()
    {
        try
        {
            var name = FieldSelector.Parse(Query["fieldSelector"].ToString()).Requirements
                .FirstOrDefault(r => r is { Field: "metadata.name", Operator: FieldOperator.Equals })?.Value;
            return name is not null && Naming.PathSegment(name, false).Count == 0 ? name : "";
        }
        catch (FormatException)
        {
            // Told when the request is read; here it selects nothing.
            return "";
        }
    }

    private string VerbOf(bool named, bool watchPath) => Method switch
    {
        "GET" or "HEAD" when watchPath => "watch",
        "GET" or "HEAD" => named ? "get" : Flag("watch") ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        _ => "",
    };

    /// <summary>A boolean parameter: anything but <c>0</c> and <c>false</c> is true, the empty text too.</summary>
    public bool Flag(string name) =>
        Query.TryGetValue(name, out var values) && values.Count > 0 && values[0] is not "0" && !string.Equals(values[0], "false", StringComparison.OrdinalIgnoreCase);
}
