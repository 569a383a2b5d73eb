using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Work;

/// <summary>Many new Databases: how long each takes until it is Ready.</summary>
internal static class DatabasesLoad
{
    /// <summary>The kind, by name: what is loaded is the API, not a program that this one knows.</summary>
    public static readonly ResourceType Databases = new("database.example.com", "v1", "Database", "databases", Namespaced: true);

    /// <summary>Does it.</summary>
    public static async Task RunAsync(LoadScene scene, CancellationToken stop)
    {
        var (options, time) = (scene.Options, scene.Time);
        var (stored, ready) = (scene.Result.Measure("create call"), scene.Result.Measure("created to Ready"));
        var expectations = new Expectations(time);
        await using var watch = await ObjectWatch.StartAsync(scene.Client, Databases, scene.Plan, change => See(change, expectations), stop);
        scene.Result.Unit = "database";
        await scene.BeginMeasuringAsync(stop);
        var pacer = new Pacer(options.Rate, options.Clients, time);
        var start = time.GetTimestamp();
        await scene.Progress.ShowAsync("databases stored", options.Count, () => stored.Count, () => pacer.TimesAsync(options.Count, CreateAsync, stop));
        await scene.Progress.ShowAsync("databases ready", options.Count, () => expectations.Met, () => Settling.WaitAsync(scene, expectations, stop));
        (scene.Result.Done, scene.Result.Elapsed) = (expectations.Met, expectations.LastMetAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(start, expectations.LastMetAt));

        async Task CreateAsync(long number)
        {
            var database = Database(scene.Plan, number);
            expectations.TryExpect(database.Key, 1, ready);
            if (!await scene.TryAsync(() => scene.Client.CreateAsync(Databases, database, cancellationToken: stop), stored))
            {
                expectations.Drop(database.Key);
            }
        }
    }

    private static void See(CacheChange change, Expectations expectations)
    {
        if (change.New is null)
        {
            expectations.SeeGone(change.Key);
            return;
        }

        var json = change.New.ToJson();
        switch ((string?)json["status"]?["phase"])
        {
            case "Ready":
                expectations.SeeDone(change.Key, (long?)json["status"]?["observedGeneration"] ?? 1);
                break;
            case "Failed":
                expectations.SeeFailed(change.Key, (string?)json["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition?["status"] == "False")?["message"] ?? "Failed");
                break;
        }
    }

    private static DynamicObject Database(TemplatePlan plan, long number)
    {
        var key = plan.KeyOf(number);
        return DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = $"{Databases.Group}/{Databases.Version}",
            ["kind"] = Databases.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { [TemplatePlan.RunLabel] = plan.Run } },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 1,
                ["databaseName"] = string.Create(CultureInfo.InvariantCulture, $"load{number}"),
                ["username"] = "loader",
                ["storage"] = new JsonObject { ["size"] = "1Gi" },
            },
        });
    }
}
