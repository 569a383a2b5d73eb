using System.Globalization;
using Capstan.ApiServer.Bench;
using Databases;
using Databases.Bench;

// [tiers [--counts 50,100,1000]] [modes [--databases N]]: one part, or both.
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;
string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

Report.Machine();
if (Wanted("tiers"))
{
    LoadRun.Head("Each tier by its preset");
    foreach (var count in (Text("--counts") ?? "50,100,1000").Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
    {
        var preset = count < 100 ? DatabaseOperatorOptions.Small : count < 1000 ? DatabaseOperatorOptions.Medium : DatabaseOperatorOptions.Large;
        await LoadRun.RunAsync(count, preset);
    }
}

if (Wanted("modes"))
{
    var count = int.Parse(Text("--databases") ?? "300", CultureInfo.InvariantCulture);
    LoadRun.Head("What batches and more workers cost");
    foreach (var (mode, workers) in ((ReconcileMode, int)[])
             [
                 (ReconcileMode.Single, 1), (ReconcileMode.Single, 2), (ReconcileMode.Single, 8), (ReconcileMode.Single, 16),
                 (ReconcileMode.Batch, 1), (ReconcileMode.Parallel, 2), (ReconcileMode.Parallel, 8), (ReconcileMode.Parallel, 16),
             ])
    {
        await LoadRun.RunAsync(count, new() { Mode = mode, MaxConcurrentReconciles = workers });
    }
}
