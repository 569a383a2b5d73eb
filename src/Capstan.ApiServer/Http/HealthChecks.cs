using System.Text;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>Answers <c>/healthz</c>, <c>/livez</c> and <c>/readyz</c>: as a whole, check by check (<c>?verbose</c>), without some (<c>?exclude=NAME</c>),
/// and each check under a path of its own. The checks have the names that Kubernetes gives to the like.</summary>
internal sealed class HealthChecks
{
    private const string Ready = "readyz";
    private readonly Check[] _checks;

    /// <param name="isStopping">Whether the server no longer wants new clients.</param>
    public HealthChecks(Func<bool> isStopping) => _checks =
    [
        new("ping"),
        new("log"),
        new("etcd", NotIn: Ready),
        new("informer-sync", OnlyIn: Ready),
        new("poststarthook/start-apiextensions-controllers"),
        new("poststarthook/crd-informer-synced"),
        new("poststarthook/start-system-namespaces-controller"),
        new("poststarthook/rbac/bootstrap-roles"),
        new("poststarthook/bootstrap-controller"),
        new("shutdown", OnlyIn: Ready) { Fails = isStopping },
    ];

    /// <summary>All paths that answer, for the index of the server.</summary>
    public IEnumerable<string> Paths => from end in (string[])["healthz", "livez", Ready]
                                        from path in _checks.Where(c => c.IsIn(end)).Select(c => $"/{end}/{c.Name}").Prepend($"/{end}")
                                        select path;

    /// <summary>The answer at a path; null when there is no such check.</summary>
    public DocumentAnswer? Answer(string path, IQueryCollection query)
    {
        var parts = path.Split('/', 3);
        if (parts is not ["", "healthz" or "livez" or Ready, ..])
        {
            return null;
        }

        var checks = _checks.Where(c => c.IsIn(parts[1])).ToList();
        if (parts is [_, _, var name])
        {
            return checks.Find(c => c.Name == name) is not { } check ? null
                : check.Fails() ? Text(500, $"internal server error: {check.Name} failed\n") : Text(200, "ok");
        }

        var excluded = query["exclude"].ToHashSet();
        var told = new StringBuilder();
        foreach (var check in checks)
        {
            told.Append(excluded.Remove(check.Name) ? $"[+]{check.Name} excluded: ok\n" : check.Fails() ? $"[-]{check.Name} failed: reason withheld\n" : $"[+]{check.Name} ok\n");
        }

        var failed = told.ToString().Contains("[-]", StringComparison.Ordinal);
        if (!failed && !query.ContainsKey("verbose"))
        {
            return Text(200, "ok");
        }

        if (excluded.Count > 0)
        {
            told.Append("warn: some health checks cannot be excluded: no matches for ").AppendJoin(", ", excluded.Select(e => Schemas.GoFormat.Quote(e ?? ""))).Append('\n');
        }

        return Text(failed ? 500 : 200, told.Append(parts[1]).Append(failed ? " check failed\n" : " check passed\n").ToString());
    }

    private static DocumentAnswer Text(int code, string text) => new(code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    private sealed record Check(string Name, string? OnlyIn = null, string? NotIn = null)
    {
        public Func<bool> Fails { get; init; } = () => false;

        public bool IsIn(string end) => (OnlyIn ?? end) == end && NotIn != end;
    }
}
