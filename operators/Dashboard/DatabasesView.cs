using System.Globalization;
using Capstan.Caching;
using Capstan.Dashboard.Facts;
using Capstan.Dashboard.Trees;

namespace Capstan.Dashboard;

/// <summary>Databases, Backups and Restores as the page shows them.</summary>
internal sealed class DatabasesView
{
    private readonly FactTable<DatabaseFacts> _databases;
    private readonly FactTable<CopyFacts> _backups, _restores;

    /// <summary>Reads from the informers, which need not have begun.</summary>
    public DatabasesView(Informer databases, Informer backups, Informer restores)
    {
        _databases = new(databases, DatabaseFacts.Read);
        _backups = new(backups, CopyFacts.Read);
        _restores = new(restores, CopyFacts.Read);
    }

    private IEnumerable<CopyFacts> Copies => _backups.All.Concat(_restores.All);

    /// <summary>What the first page has of Databases: those first that are not ready.</summary>
    public DatabasesAnswer Overview()
    {
        var all = _databases.All.ToList();
        var copies = Copies.ToList();
        var newest = copies.Where(one => one.Kind == "Backup").GroupBy(one => one.DatabaseKey).ToDictionary(one => one.Key, one => one.MaxBy(copy => copy.At));
        return new(
            all.Count,
            all.GroupBy(one => one.Phase, StringComparer.Ordinal).OrderBy(one => one.Key, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Count(), StringComparer.Ordinal),
            [.. all.OrderBy(one => one.Ready).ThenBy(one => one.Key).Take(TemplatesView.Most).Select(one => new DatabaseAnswer(one) { LastCopy = newest.GetValueOrDefault(one.Key) })],
            new(copies.Count, [.. copies.OrderByDescending(one => one.Phase == "Failed").ThenByDescending(one => one.At).ThenBy(one => one.Key).Take(TemplatesView.Most)]));
    }

    /// <summary>Databases and copies whose name or namespace has the words.</summary>
    public (int Total, List<FoundAnswer> Found) Search(string words)
    {
        var found = _databases.All.Where(one => Words.Match(one.Key, words)).Select(one => new FoundAnswer("Database", one.Namespace, one.Name, one.Phase))
            .Concat(Copies.Where(one => Words.Match(one.Key, words)).Select(one => new FoundAnswer(one.Kind, one.Namespace, one.Name, one.Phase)))
            .ToList();
        return (found.Count, [.. found.OrderBy(one => (one.Kind, one.Namespace, one.Name)).Take(TemplatesView.Most)]);
    }

    /// <summary>A Database with its servers and copies; null if there is none.</summary>
    public async Task<DetailAnswer?> DetailAsync(ObjectKey key, WorkloadTree tree, CancellationToken stop)
    {
        if (_databases.Find(key) is not { } facts || _databases.Cache.Get(key) is not { } database)
        {
            return null;
        }

        using var document = JsonFacts.Open(database);
        var pods = await tree.BelowAsync("StatefulSet", key, RoleOf, stop);
        var copies = Copies.Where(copy => copy.DatabaseKey == key).OrderByDescending(copy => copy.At).Take(TemplatesView.Most);
        return new("Database", key.Namespace, key.Name, facts.Phase)
        {
            Fields =
            [
                new("Image", facts.Image),
                new("Storage", facts.Storage),
                new("Servers", $"{facts.ReadyReplicas} of {facts.Replicas} ready"),
                new("Primary", facts.Primary),
                new("Endpoint", document.RootElement.Text("status", "endpoint")),
                new("Switchover", document.RootElement.Text("status", "switchover", "message") ?? facts.Switchover),
            ],
            Conditions = document.RootElement.Conditions(),
            Tree =
            [
                new("StatefulSet", key.Namespace, key.Name) { Message = $"{facts.ReadyReplicas} of {facts.Replicas} ready", Children = pods },
                .. copies.Select(copy => new TreeNode(copy.Kind, copy.Namespace, copy.Name) { State = copy.Phase, Message = CopyText(copy) }),
            ],
        };

        string? RoleOf(string pod) =>
            pod == facts.Primary ? "primary"
            : facts.Standbys.FirstOrDefault(standby => standby.Pod == pod) is { } found ? $"standby, {found.State}, {found.LagMebibytes} MiB behind" : null;
    }

    /// <summary>A Backup or a Restore; null if there is none.</summary>
    public DetailAnswer? CopyDetail(string kind, ObjectKey key)
    {
        var copies = kind == "Backup" ? _backups : _restores;
        if (copies.Find(key) is not { } facts || copies.Cache.Get(key) is not { } copy)
        {
            return null;
        }

        using var document = JsonFacts.Open(copy);
        var status = document.RootElement.At("status");
        return new(kind, key.Namespace, key.Name, facts.Phase)
        {
            Fields =
            [
                new("Database", facts.Database),
                new("Backup", facts.Backup),
                new("Schedule", facts.Schedule),
                new("Copies", facts.Copies?.ToString(CultureInfo.InvariantCulture)),
                new("Size", facts.SizeBytes is { } size ? $"{size} bytes" : null),
                new("Done", null, facts.At),
                new("Where", status.Text("backupLocation")),
                new("SHA-256", status.Text("checksum")),
                new("Last run", status.Text("lastRun", "message")),
            ],
            Conditions = document.RootElement.Conditions(),
        };
    }

    private static string? CopyText(CopyFacts copy) =>
        string.Join(", ", new[] { copy.Schedule, copy.Copies is { } count ? $"{count} copies" : null, copy.SizeBytes is { } size ? $"{size} bytes" : null, copy.Message }.Where(text => !string.IsNullOrEmpty(text)));
}
