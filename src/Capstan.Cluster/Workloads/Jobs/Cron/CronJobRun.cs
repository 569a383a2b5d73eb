using System.Globalization;
using System.Text.Json;
using Capstan.Applying;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs.Cron;

/// <summary>One look at a CronJob: notes which of its Jobs have ended, and starts the one that is due.</summary>
/// <remarks>The name of a Job is made of its time, so that none starts twice, whatever was forgotten.</remarks>
internal sealed class CronJobRun(KubeClient client, ComponentEvents events, CronJob cron, List<Job> jobs)
{
    private const string ScheduledAt = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };

    private readonly DateTimeOffset _now = client.Options.TimeProvider.GetUtcNow();

    private List<ObjectReference> Active => cron.Status!.Active ??= [];

    /// <returns>When to look again; null when nothing comes by itself.</returns>
    public async Task<TimeSpan?> RunAsync(CancellationToken cancellationToken)
    {
        cron.Status ??= new();
        var before = JsonSerializer.Serialize(cron, KindsJson.Default.CronJob);
        await NoteJobsAsync(cancellationToken);
        TimeSpan? again = null;
        try
        {
            again = cron.Metadata.DeletionTimestamp is null ? await StartAsync(cancellationToken) : null;
            await CleanAsync(cancellationToken);
        }
        finally
        {
            cron.Status.Active = Active.Count > 0 ? Active : null;
            if (JsonSerializer.Serialize(cron, KindsJson.Default.CronJob) != before)
            {
                await client.UpdateAsync(cron, Writes with { Subresource = "status" }, cancellationToken);
            }
        }

        return again;
    }

    private async Task NoteJobsAsync(CancellationToken cancellationToken)
    {
        var status = cron.Status!;
        foreach (var job in jobs)
        {
            var isKnown = Active.Exists(one => one.Uid == job.Metadata.Uid);
            if (job.Finished is not { } end)
            {
                if (!isKnown)
                {
                    events.Warning(cron, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
                }

                continue;
            }

            if (isKnown)
            {
                Forget(job.Metadata.Uid!);
                events.Normal(cron, "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}");
            }

            if (end.Type == "Complete" && job.Status?.CompletionTime is { } at && (status.LastSuccessfulTime is null || at > status.LastSuccessfulTime))
            {
                status.LastSuccessfulTime = at;
            }
        }

        foreach (var missing in Active.Where(one => !jobs.Exists(job => job.Metadata.Uid == one.Uid)).ToList())
        {
            if (await client.FindAsync<Job>(new(missing.Namespace!, missing.Name!), cancellationToken) is null)
            {
                events.Normal(cron, "MissingJob", $"Active job went missing: {missing.Name}");
                Forget(missing.Uid!);
            }
        }
    }

    private async Task<TimeSpan?> StartAsync(CancellationToken cancellationToken)
    {
        if (Read() is not var (zone, schedule))
        {
            return null;
        }

        DateTimeOffset? due;
        try
        {
            (due, var isMany) = MissedStarts.Due(cron, schedule, _now);
            if (isMany)
            {
                events.Warning(cron, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
            }
        }
        catch (FormatException error)
        {
            events.Warning(cron, "InvalidSchedule", $"invalid schedule: {cron.Spec.Schedule} : {error.Message}");
            return null;
        }

        if (due is { } start && MayStart(start))
        {
            if (cron.Spec.ConcurrencyPolicy == "Replace" && !await ReplaceAsync(cancellationToken))
            {
                throw new TimeoutException($"the Jobs of {cron.Key} could not be replaced");
            }

            await CreateAsync(start, zone, cancellationToken);
        }

        return MissedStarts.UntilNext(cron, schedule, _now);
    }

    private (TimeZoneInfo Zone, CronSchedule Schedule)? Read()
    {
        var zone = cron.Spec.TimeZone is { } name ? CronSchedule.FindZone(name) : TimeZoneInfo.Local;
        if (zone is null)
        {
            events.Warning(cron, "UnknownTimeZone", $"invalid timeZone: \"{cron.Spec.TimeZone}\": unknown time zone {cron.Spec.TimeZone}");
            return null;
        }

        if (cron.Spec.Suspend == true)
        {
            return null;
        }

        if (cron.Spec.Schedule.Contains("TZ", StringComparison.Ordinal))
        {
            events.Warning(
                cron, "UnsupportedSchedule",
                $"CRON_TZ or TZ used in schedule \"{cron.Spec.Schedule}\" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }

        try
        {
            return (zone, CronSchedule.Parse(cron.Spec.Schedule, zone));
        }
        catch (FormatException error)
        {
            events.Warning(cron, "UnparseableSchedule", $"unparseable schedule: \"{cron.Spec.Schedule}\" : {error.Message}");
            return null;
        }
    }

    private bool MayStart(DateTimeOffset start)
    {
        if (cron.Spec.StartingDeadlineSeconds is { } seconds && start.AddSeconds(Math.Min(seconds, int.MaxValue)) < _now)
        {
            events.Warning(cron, "MissSchedule", $"Missed scheduled time to start a job: {start.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000");
            return false;
        }

        if (Active.Exists(one => one.Name == NameOf(start)) || cron.Status!.LastScheduleTime == start)
        {
            return false;
        }

        if (cron.Spec.ConcurrencyPolicy == "Forbid" && Active.Count > 0)
        {
            events.Normal(cron, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return false;
        }

        return true;
    }

    private async Task<bool> ReplaceAsync(CancellationToken cancellationToken)
    {
        foreach (var running in Active.ToList())
        {
            if (!await DeleteAsync(running.Name!, running.Uid!, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task CreateAsync(DateTimeOffset start, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var template = cron.Spec.JobTemplate;
        var wanted = new Job
        {
            Metadata = new()
            {
                Name = NameOf(start),
                Namespace = cron.Metadata.Namespace,
                Labels = template.Metadata.Labels,
                Annotations = new(template.Metadata.Annotations ?? []) { [ScheduledAt] = InZone(start, zone) },
                OwnerReferences =
                [
                    new() { ApiVersion = CronJob.Resource.ApiVersion, Kind = CronJob.Resource.Kind, Name = cron.Metadata.Name!, Uid = cron.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true },
                ],
            },
            Spec = template.Spec,
        };
        Job made;
        try
        {
            made = await client.CreateAsync(wanted, Writes, cancellationToken);
            events.Normal(cron, "SuccessfulCreate", $"Created job {made.Metadata.Name}");
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            // Made before, and the answer or the status was lost; or somebody else has the name.
            made = await client.GetAsync<Job>(wanted.Key, cancellationToken);
            if (Owners.ControllerOf(made)?.Uid != cron.Metadata.Uid || Active.Exists(one => one.Uid == made.Metadata.Uid) || made.Finished is not null)
            {
                return;
            }
        }
        catch (ApiException error) when (!FailureText.IsOfEndingNamespace(error))
        {
            events.Warning(cron, "FailedCreate", $"Error creating job: {FailureText.Of(error)}");
            throw;
        }

        Active.Add(ObjectReference.To(made));
        cron.Status!.LastScheduleTime = start;
    }

    /// <summary>Of those that have ended the oldest go, as many as are more than wanted.</summary>
    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        foreach (var (type, limit) in new[] { ("Complete", cron.Spec.SuccessfulJobsHistoryLimit), ("Failed", cron.Spec.FailedJobsHistoryLimit) })
        {
            var ended = jobs.FindAll(job => job.Metadata.DeletionTimestamp is null && job.Finished?.Type == type);
            foreach (var old in ended
                .OrderBy(job => job.Status?.StartTime ?? DateTimeOffset.MaxValue).ThenBy(job => job.Metadata.Name, StringComparer.Ordinal)
                .Take(limit is { } most ? ended.Count - most : 0))
            {
                await DeleteAsync(old.Metadata.Name!, old.Metadata.Uid!, cancellationToken);
            }
        }
    }

    private async Task<bool> DeleteAsync(string name, string uid, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync<Job>(new(cron.Metadata.Namespace!, name), new DeleteOptions { Uid = uid, PropagationPolicy = "Background" }, cancellationToken);
        }
        catch (ApiException error) when (!error.IsNotFound)
        {
            events.Warning(cron, "FailedDelete", $"Deleted job: {FailureText.Of(error)}");
            return false;
        }
        catch (ApiException)
        {
            // Gone already.
        }

        Forget(uid);
        events.Normal(cron, "SuccessfulDelete", $"Deleted job {name}");
        return true;
    }

    private void Forget(string uid) => Active.RemoveAll(one => one.Uid == uid);

    private string NameOf(DateTimeOffset start) => string.Create(CultureInfo.InvariantCulture, $"{cron.Metadata.Name}-{start.ToUnixTimeSeconds() / 60}");

    private static string InZone(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        return local.ToString(local.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }
}
