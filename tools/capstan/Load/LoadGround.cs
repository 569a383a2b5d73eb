using System.Text.Json.Nodes;
using Capstan.Tool.Load.Work;
using KubeTemplater.Resources;

namespace Capstan.Tool.Load;

/// <summary>What a run makes in the cluster besides its load, and how all of it goes away: everything bears the run's label.</summary>
internal sealed class LoadGround(KubeClient client, TemplatePlan plan, LoadOptions options, LoadProgress progress)
{
    /// <summary>The account in the first namespace that reads metrics.</summary>
    private const string Account = "capstan-load";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);
    private static readonly ResourceType Roles = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);
    private static readonly ResourceType Bindings = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced: false);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time = client.Options.TimeProvider;

    /// <summary>Makes the namespaces, and an account that may read metrics.</summary>
    /// <returns>A token of the account.</returns>
    public async Task<string> MakeAsync(CancellationToken stop)
    {
        await Parallel.ForEachAsync(plan.Namespaces, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stop }, async (name, one) =>
            await client.CreateAsync(Namespaces, Labelled("v1", "Namespace", "", name), cancellationToken: one));
        var account = new ObjectKey(plan.Namespaces[0], Account);
        await client.CreateAsync(Accounts, Labelled("v1", "ServiceAccount", account.Namespace, account.Name), cancellationToken: stop);
        await client.CreateAsync(Roles, Labelled("rbac.authorization.k8s.io/v1", "ClusterRole", "", plan.Run, ("rules", new JsonArray(new JsonObject
        {
            ["nonResourceURLs"] = new JsonArray("/metrics"),
            ["verbs"] = new JsonArray("get"),
        }))), cancellationToken: stop);
        await client.CreateAsync(
            Bindings,
            Labelled(
                "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", plan.Run,
                ("roleRef", new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = plan.Run }),
                ("subjects", new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = account.Name, ["namespace"] = account.Namespace }))),
            cancellationToken: stop);
        return (await client.CreateTokenAsync(account, TimeSpan.FromHours(2), cancellationToken: stop)).Token;
    }

    /// <summary>Makes the policies, and returns once admission goes by them.</summary>
    /// <exception cref="CannotRunException">A template is refused all the time.</exception>
    public async Task AllowTemplatesAsync(CancellationToken stop)
    {
        var some = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stop };
        await Parallel.ForEachAsync(plan.Namespaces, some, async (name, one) =>
            await client.CreateAsync(KubeTemplatePolicy.Resource, plan.Policy(name, options.OperatorNamespace), cancellationToken: one));
        var start = _time.GetTimestamp();
        await Parallel.ForAsync(0, plan.Namespaces.Count, some, async (number, one) =>
        {
            // Several in turn: each replica has its own cache, and a review may come to any of them.
            for (var inTurn = 0; inTurn < 5;)
            {
                try
                {
                    await client.CreateAsync(KubeTemplate.Resource, plan.Template(number), new() { DryRun = true }, one);
                    inTurn++;
                }
                catch (ApiException refused) when (refused.IsForbidden)
                {
                    inTurn = 0;
                    await WaitAsync(start, $"a template is refused: {refused.Status.Message}", one);
                }
            }
        });
    }

    /// <summary>Removes all that the run made: the templates first, so that an operator does not put right what goes with the namespaces.</summary>
    public async Task CleanAsync(CancellationToken stop)
    {
        progress.Say($"cleaning up: {plan.Namespaces.Count} namespaces {plan.Run}-*");
        foreach (var kind in (ResourceType[])[KubeTemplate.Resource, DatabasesLoad.Databases])
        {
            await Parallel.ForEachAsync(plan.Namespaces, stop, async (name, one) => await UnlessGoneAsync(() =>
                client.DeleteCollectionAsync(kind, new() { Namespace = name }, cancellationToken: one)));
            await EmptyAsync(kind, stop);
        }

        await Parallel.ForEachAsync(plan.Namespaces, stop, async (name, one) => await UnlessGoneAsync(() => client.DeleteAsync(Namespaces, ObjectKey.ClusterScoped(name), cancellationToken: one)));
        await UnlessGoneAsync(() => client.DeleteCollectionAsync(KubeTemplatePolicy.Resource, new() { Namespace = options.OperatorNamespace, LabelSelector = Selector }, cancellationToken: stop));
        await UnlessGoneAsync(() => client.DeleteAsync(Bindings, ObjectKey.ClusterScoped(plan.Run), cancellationToken: stop));
        await UnlessGoneAsync(() => client.DeleteAsync(Roles, ObjectKey.ClusterScoped(plan.Run), cancellationToken: stop));
        await EmptyAsync(Namespaces, stop);
    }

    private string Selector => $"{TemplatePlan.RunLabel}={plan.Run}";

    private async Task EmptyAsync(ResourceType type, CancellationToken stop)
    {
        var start = _time.GetTimestamp();
        while (true)
        {
            var left = 0;
            await UnlessGoneAsync(async () => left = (await client.ListAsync(type, new() { LabelSelector = Selector, MetadataOnly = true }, stop)).Items.Count);
            if (left == 0)
            {
                return;
            }

            await WaitAsync(start, $"{left} {type.Plural} with label {Selector} are still there", stop);
        }
    }

    private async Task WaitAsync(long since, string forWhat, CancellationToken stop)
    {
        if (_time.GetElapsedTime(since) > options.Patience)
        {
            throw new CannotRunException($"{forWhat} after {options.Patience.TotalSeconds:0} s");
        }

        await Task.Delay(Pause, _time, stop);
    }

    /// <summary>What is not there, or is of a kind that is not served, needs no deletion.</summary>
    private static async Task UnlessGoneAsync(Func<Task> delete)
    {
        try
        {
            await delete();
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
        }
    }

    private DynamicObject Labelled(string apiVersion, string kind, string @namespace, string name, params (string Name, JsonNode Value)[] fields)
    {
        var metadata = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { [TemplatePlan.RunLabel] = plan.Run } };
        if (@namespace.Length > 0)
        {
            metadata["namespace"] = @namespace;
        }

        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
        foreach (var (field, value) in fields)
        {
            json[field] = value;
        }

        return DynamicObject.From(json);
    }
}
