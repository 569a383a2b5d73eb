using System.Collections.Concurrent;
using System.Text;

namespace Capstan.Hosting;

/// <summary>Named checks behind <c>/healthz</c> or <c>/readyz</c>. Thread-safe.</summary>
internal sealed class HealthChecks(string name)
{
    private readonly ConcurrentDictionary<string, Func<CancellationToken, ValueTask<string?>>> _checks = new(StringComparer.Ordinal);

    /// <param name="check">Unique name, as in the path <c>/readyz/name</c>.</param>
    /// <param name="run">Gives null when all is well, else what is wrong.</param>
    public void Add(string check, Func<CancellationToken, ValueTask<string?>> run)
    {
        if (!_checks.TryAdd(check, run))
        {
            throw new ArgumentException($"there is a check of {name} named {check} already");
        }
    }

    /// <summary>Runs all checks, or the one that <paramref name="only"/> names.</summary>
    /// <returns>Status code 200, 404 (no such check) or 500, and the text: one line per check if anything failed or <paramref name="verbose"/>.</returns>
    public async ValueTask<(int Code, string Text)> RunAsync(string? only, bool verbose, CancellationToken cancellationToken)
    {
        if (only is not null && !_checks.ContainsKey(only))
        {
            return (404, $"no check named {only}\n");
        }

        var lines = new StringBuilder();
        var failed = false;
        foreach (var (check, run) in _checks.Where(entry => only is null || entry.Key == only).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var fault = await RunOneAsync(run, cancellationToken);
            failed |= fault is not null;
            lines.Append(fault is null ? $"[+]{check} ok\n" : $"[-]{check} failed: {fault}\n");
        }

        return failed ? (500, $"{lines}{name} check failed\n") : (200, verbose ? $"{lines}{name} check passed\n" : "ok");
    }

    private static async ValueTask<string?> RunOneAsync(Func<CancellationToken, ValueTask<string?>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
