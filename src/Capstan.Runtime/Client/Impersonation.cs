using System.Net.Http.Headers;

namespace Capstan;

/// <summary>Somebody else to act as. The server asks whether the client's own credentials may (verb <c>impersonate</c>).</summary>
public sealed record Impersonation
{
    /// <summary>Name of the user; a service account is <c>system:serviceaccount:NAMESPACE:NAME</c>.</summary>
    public required string User { get; init; }

    /// <summary>Uid of the user; null for none.</summary>
    public string? Uid { get; init; }

    /// <summary>Groups of the user. <c>system:authenticated</c> is added by the server, and for a service account its groups if none are named.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Further attributes of the user, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Writes the headers that say so.</summary>
    internal void AddTo(HttpRequestHeaders headers)
    {
        headers.TryAddWithoutValidation("Impersonate-User", User);
        if (Uid is { Length: > 0 } uid)
        {
            headers.TryAddWithoutValidation("Impersonate-Uid", uid);
        }

        foreach (var group in Groups)
        {
            headers.TryAddWithoutValidation("Impersonate-Group", group);
        }

        foreach (var (key, values) in Extra)
        {
            headers.TryAddWithoutValidation($"Impersonate-Extra-{Uri.EscapeDataString(key)}", values);
        }
    }

    /// <exception cref="ArgumentException">A value would end its header, and begin one that nobody meant.</exception>
    internal Impersonation Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(User);
        foreach (var text in Groups.Concat(Extra.Values.SelectMany(values => values)).Append(User).Append(Uid ?? ""))
        {
            if (text.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                throw new ArgumentException($"impersonation: a line end in '{text.ReplaceLineEndings(" ")}'");
            }
        }

        return this;
    }
}
