using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using KubeTemplater.Resources;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Policies.Status;

/// <summary>Counts the templates that policies allow and refuse, and keeps the policies' status.</summary>
/// <remarks>
/// <para>Every version of a template counts once against its policy: when it is stored, by the worker that judges it; when it is refused, by the replica that
/// refused it. A version counts again when a change of policy turns the judgement. Judging the same again, after a restart or for a retry, counts nothing, and so
/// writes nothing.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class PolicyUsage
{
    private readonly PolicyTallies _tallies = new();
    private readonly PolicyStatusRounds _rounds;
    private readonly TimeProvider _time;

    private PolicyUsage(Func<PolicyTallies, PolicyStatusRounds> rounds, TimeProvider time) => (_rounds, _time) = (rounds(_tallies), time);

    /// <summary>Puts it into the operator. Comes before the informers start.</summary>
    /// <param name="builder">The operator.</param>
    /// <param name="policies">The policies of the operator's namespace.</param>
    /// <param name="templates">The templates.</param>
    /// <param name="book">Compiles policies.</param>
    /// <param name="watched">The namespaces whose templates this operator works on; none: all. Others' policies are written by the operators for them.</param>
    /// <param name="logger">Told what could not be written.</param>
    /// <param name="time">Clock.</param>
    public static PolicyUsage AddTo(
        OperatorBuilder builder, Informer policies, Informer templates, PolicyBook book, IReadOnlyList<string> watched, ILogger logger, TimeProvider time)
    {
        var usage = new PolicyUsage(tallies => new(new PolicyStatusWriter(builder.Client, policies, templates, book, tallies, builder.Ownership.Has, time).WriteAsync, logger, time), time);
        policies.AddHandler(change =>
        {
            if (change.Old is not { } old || change.New is not { } current || old.Generation != current.Generation || old.Uid != current.Uid)
            {
                Note(change.Old);
                Note(change.New);
            }
        });
        templates.AddHandler(change =>
        {
            if (change.Kind != CacheChangeKind.Updated)
            {
                usage._rounds.Note(change.Key.Namespace);
            }
        });

        // Who had a policy before may have had something left to say of it.
        builder.Ownership.Changed += () => usage._rounds.NoteAll(Sources);
        builder.AddRunnable(stop => usage._rounds.LeadAsync(Sources, stop));
        return usage;

        IEnumerable<string> Sources() => policies.Cache.List().Select(SourceOf).Distinct().Where(IsOurs);

        bool IsOurs(string sourceNamespace) => watched.Count == 0 || watched.Contains(sourceNamespace);

        void Note(DynamicObject? policy)
        {
            if (policy is not null && SourceOf(policy) is var source && IsOurs(source))
            {
                usage._rounds.Note(source);
            }
        }
    }

    /// <summary>A template was refused before it was stored.</summary>
    public void Refused(CompiledPolicy policy) => Count(policy, passed: false);

    /// <summary>A stored template was judged.</summary>
    /// <param name="template">The template, with the status of its last run.</param>
    /// <param name="verdict">What the policy says of it.</param>
    public void Judged(KubeTemplate template, Verdict verdict)
    {
        var passed = verdict.Faults.Count + verdict.Warnings.Count == 0;
        if (IsNews(template, passed))
        {
            Count(verdict.Policy, passed);
        }
    }

    // What was judged before is in the status, so that counting goes on after a restart as if there had been none.
    private static bool IsNews(KubeTemplate template, bool passed)
    {
        var conditions = template.Status?.Conditions;
        var ready = Conditions.Find(conditions, "Ready");
        if (ready is null || template.Status!.ObservedGeneration != template.Metadata.Generation || ready.Reason == FailureReasons.NoPolicy)
        {
            return true;
        }

        var hadPassed = ready.Reason is not (FailureReasons.PolicyViolation or FailureReasons.InvalidTemplate) && Conditions.Find(conditions, Compliance.Type) is not { Status: "False" };
        return hadPassed != passed;
    }

    private static string SourceOf(DynamicObject policy) => policy.To<KubeTemplatePolicy>().Spec.SourceNamespace;

    private void Count(CompiledPolicy policy, bool passed)
    {
        _tallies.Add(policy.Policy.Key, policy.Policy.Metadata.Uid, new(passed ? 1 : 0, passed ? 0 : 1, _time.GetUtcNow()));
        _rounds.Counted(policy.Policy.Spec.SourceNamespace);
    }
}
