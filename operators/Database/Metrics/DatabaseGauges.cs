using System.Diagnostics.Metrics;
using Databases.Resources;

namespace Databases.Metrics;

/// <summary>Gauges that are read from the cache when they are asked for: what is gone has none.</summary>
internal static class DatabaseGauges
{
    /// <summary>Adds them.</summary>
    public static void AddTo(Meter meter, DatabaseQueries databases)
    {
        meter.CreateObservableGauge("database_resources_total", () => Phases.All.Select(phase => Of(databases.CountOf(phase), ("phase", phase))), description: "Databases, by phase");
        meter.CreateObservableGauge("database_info", () => databases.All().Select(Info), description: "One for each Database");
    }

    private static Measurement<int> Info(Database database) => Of(
        1, ("name", database.Metadata.Name), ("namespace", database.Metadata.Namespace), ("image", database.Spec.Image), ("phase", database.Status?.Phase ?? ""));

    private static Measurement<int> Of(int value, params IEnumerable<(string Name, string? Value)> tags) =>
        new(value, [.. tags.Select(tag => KeyValuePair.Create(tag.Name, (object?)tag.Value))]);
}
