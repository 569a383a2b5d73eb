using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan.Applying;

namespace Capstan.Cluster.Kinds;

/// <summary>batch/v1 CronJob.</summary>
internal sealed record CronJob : KubeObject, IKubeObject<CronJob>
{
    public static ResourceType Resource { get; } = new("batch", "v1", "CronJob", "cronjobs", Namespaced: true);

    public static JsonTypeInfo<CronJob> JsonTypeInfo => KindsJson.Default.CronJob;

    public CronJobSpec Spec { get; set; } = new();

    public CronJobStatus? Status { get; set; }
}

internal sealed record CronJobSpec
{
    public string Schedule { get; set; } = "";

    public string? TimeZone { get; set; }

    public long? StartingDeadlineSeconds { get; set; }

    public string? ConcurrencyPolicy { get; set; }

    public bool? Suspend { get; set; }

    public JobTemplate JobTemplate { get; set; } = new();

    public int? SuccessfulJobsHistoryLimit { get; set; }

    public int? FailedJobsHistoryLimit { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record JobTemplate
{
    public ObjectMeta Metadata { get; set; } = new();

    public JobSpec Spec { get; set; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record CronJobStatus
{
    public List<ObjectReference>? Active { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastScheduleTime { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastSuccessfulTime { get; set; }
}
