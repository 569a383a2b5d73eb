using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Testing;
using Capstan.Tool.Doctor;
using Capstan.Tool.Local.Operators;

namespace EndToEnd.Tests.Doctor;

/// <summary><c>capstan doctor</c> over clusters in which something is wrong.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    private static readonly ResourceType Bindings = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced: false);
    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);
    private static readonly ResourceType Webhooks = new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);
    private static readonly ResourceType Leases = new("coordination.k8s.io", "v1", "Lease", "leases", Namespaced: true);
    private static readonly ResourceType Templates = new("kubetemplater.io", "v1alpha1", "KubeTemplate", "kubetemplates", Namespaced: true);
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly ObjectKey Manager = new("kubetemplater-system", "kubetemplater-controller-manager");

    private TestCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static LocalOperator Known => LocalOperator.KubeTemplater;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(new() { Controllers = false }, Stop);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task An_empty_cluster_gets_told_how_to_install()
    {
        var found = await ExamineAsync();
        Assert.Contains(found, one => one is { Severity: Severity.Warning, Subject: "operators", Remedy: not null });
        Assert.DoesNotContain(found, one => one.Severity == Severity.Problem);
    }

    [Fact]
    public async Task What_is_as_it_should_be_is_said_to_be_and_the_account_has_every_right_it_needs()
    {
        await InstallAsync();
        await StatusAsync(Deployments, Manager, """{"replicas":3,"availableReplicas":3,"readyReplicas":3}""");
        await LeaseAsync(DateTimeOffset.UtcNow);

        var found = await ExamineAsync();
        Assert.DoesNotContain(found, one => one.Severity == Severity.Problem);
        See(found, Severity.Ok, "kubetemplater (kubetemplater-system/kubetemplater-controller-manager)", "3 of 3 replicas are available");
        See(found, Severity.Ok, "kubetemplater Lease kubetemplater-system/8377a775.my.company.com", "one holds it");
        Assert.Matches(@"^has all \d\d rights that the operator's own work needs$", found.Single(one => one.Subject.Contains(" rights of ", StringComparison.Ordinal)).Message);
        Assert.Matches(@"^about \d+ MiB for no objects, of 512 MiB$", found.Single(one => one.Subject == "kubetemplater memory").Message);
        See(found, Severity.Ok, "kubetemplater finalizers", "nothing waits for one");
    }

    [Fact]
    public async Task Rights_that_are_missing_are_named_one_by_one()
    {
        await InstallAsync();
        await _cluster.Client.DeleteAsync(Bindings, ObjectKey.ClusterScoped("kubetemplater"), cancellationToken: Stop);

        var missing = (await ExamineAsync()).Where(one => one.Subject == "kubetemplater rights of kubetemplater-system/kubetemplater" && one.Severity == Severity.Problem).Select(one => one.Message).ToList();
        Assert.Contains("may not get, list, watch, patch kubetemplates.kubetemplater.io in all namespaces", missing);
        Assert.Contains("may not get, patch validatingwebhookconfigurations.admissionregistration.k8s.io \"kubetemplater-validating-webhook-configuration\" in all namespaces", missing);
        Assert.DoesNotContain(missing, message => message.Contains("leases", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_templates_ask_for_and_the_account_may_not_make_is_named_with_the_template()
    {
        await InstallAsync();
        await CreateAsync(Templates, """
            {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"shop","namespace":"default"},
             "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}}]}}
            """);
        await StatusAsync(Templates, new("default", "shop"), """{"resources":[{"id":"0","group":"","version":"v1","kind":"Secret","namespace":"default","name":"a","state":"Failed"}]}""");
        See(await ExamineAsync(), Severity.Problem, "kubetemplater rights of kubetemplater-system/kubetemplater", "may not create, patch secrets, which KubeTemplate default/shop asks for");
    }

    [Fact]
    public async Task Definitions_that_lack_fields_or_are_missing_are_told_apart()
    {
        await InstallAsync();
        var key = ObjectKey.ClusterScoped("kubetemplates.kubetemplater.io");
        var definition = (await _cluster.Client.GetAsync(Definitions, key, Stop)).ToJson();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!.AsObject().Remove("suspend");
        await _cluster.Client.UpdateAsync(Definitions, DynamicObject.From(definition), cancellationToken: Stop);
        await _cluster.Client.DeleteAsync(Definitions, ObjectKey.ClusterScoped("kubetemplatepolicies.kubetemplater.io"), cancellationToken: Stop);

        var found = await ExamineAsync();
        See(found, Severity.Problem, "kubetemplater definition kubetemplates.kubetemplater.io", "is older than this version: what is written into .spec.suspend is dropped");
        See(found, Severity.Problem, "kubetemplater definition kubetemplatepolicies.kubetemplater.io", "is not there");
    }

    [Fact]
    public async Task The_way_to_the_webhooks_is_followed_to_its_end()
    {
        await InstallAsync();
        await _cluster.InstallAsync(Known.Admission, Stop);
        const string Webhook = "ValidatingWebhookConfiguration kubetemplater-validating-webhook-configuration, vkubetemplate.kb.io";
        var found = await ExamineAsync();
        See(found, Severity.Problem, Webhook, "has no caBundle: API servers do not trust the operator, and refuse what they would ask it about");
        See(found, Severity.Problem, "Service kubetemplater-system/kubetemplater-webhook-service", "has no endpoint that is ready");
        Assert.Contains(found, one => one is { Severity: Severity.Problem, Subject: "kubetemplater webhooks" } && one.Message.Contains("failed calling webhook \"vkubetemplate.kb.io\"", StringComparison.Ordinal));

        await BundleAsync("no certificate");
        See(await ExamineAsync(), Severity.Problem, Webhook, "has a caBundle without a certificate");

        // Ended in 2020.
        await BundleAsync(Certificates.Pem(new(2019, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        See(await ExamineAsync(), Severity.Problem, Webhook, "trusts no certificate any more: the last ended 2020-01-01 00:00:00Z");
    }

    [Fact]
    public async Task Replicas_that_ended_say_why()
    {
        await InstallAsync();
        await StatusAsync(Deployments, Manager, """{"replicas":3,"readyReplicas":1,"availableReplicas":1}""");
        await LeaseAsync(DateTimeOffset.UtcNow.AddMinutes(-10));
        foreach (var (name, status) in new[]
        {
            ("a", """{"restartCount":1,"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-01-01T00:00:00Z"}}}"""),
            ("b", """{"restartCount":9,"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}"""),
            ("c", """{"restartCount":0,"state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}"""),
        })
        {
            await CreateAsync(new("", "v1", "Pod", "pods", Namespaced: true), $$$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"kubetemplater-system","labels":{"app.kubernetes.io/name":"kubetemplater","control-plane":"controller-manager"}},
                 "spec":{"containers":[{"name":"manager","image":"kubetemplater:latest"}]}}
                """);
            var json = JsonNode.Parse(status)!.AsObject();
            json["name"] = "manager";
            json["image"] = "kubetemplater:latest";
            json["imageID"] = "";
            json["ready"] = false;
            await StatusAsync(new("", "v1", "Pod", "pods", Namespaced: true), new("kubetemplater-system", name), $$"""{"containerStatuses":[{{json.ToJsonString()}}]}""");
        }

        var found = await ExamineAsync();
        See(found, Severity.Warning, "kubetemplater (kubetemplater-system/kubetemplater-controller-manager)", "1 of 3 replicas are available");
        See(found, Severity.Problem, "Pod kubetemplater-system/a", "ran out of memory, last at 2026-01-01T00:00:00Z");
        See(found, Severity.Warning, "Pod kubetemplater-system/b", "was restarted 9 times, last after exit code 1 (Error)");
        See(found, Severity.Problem, "Pod kubetemplater-system/c", "does not start: ImagePullBackOff no such image");
        Assert.Matches(@"^one holds it and renewed it last \d+ s ago; it lasts 15 s$", found.Single(one => one.Subject.Contains(" Lease ", StringComparison.Ordinal)).Message);
    }

    [Fact]
    public async Task Objects_and_namespaces_that_wait_for_a_finalizer_are_named_after_five_minutes()
    {
        await InstallAsync();
        await CreateAsync(Templates, """
            {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"shop","namespace":"default","finalizers":["kubetemplater.io/finalizer"]},
             "spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}}]}}
            """);
        await _cluster.Client.DeleteAsync(Templates, new("default", "shop"), cancellationToken: Stop);
        await CreateAsync(Namespaces, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"old","finalizers":["kubetemplater.io/namespace-finalizer"]}}""");

        Assert.DoesNotContain(await ExamineAsync(), one => one.Subject == "KubeTemplate default/shop");
        var found = await ExamineAsync(later: TimeSpan.FromMinutes(6));
        Assert.Contains(found, one => one is { Severity: Severity.Problem, Subject: "KubeTemplate default/shop" } && one.Message.EndsWith(" and waits for kubetemplater.io/finalizer", StringComparison.Ordinal));
        Assert.Contains(found, one => one is { Severity: Severity.Problem, Subject: "namespaces" } && one.Message.StartsWith("1 bear the Go operator's finalizer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_may_see_little_learns_what_could_not_be_looked_at()
    {
        await InstallAsync();
        await _cluster.InstallAsync(
            """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: sees-little}, rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, list]}]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: sees-little}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sees-little}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: nobody}]
            """,
            Stop);
        var found = new List<Diagnosis>();
        await foreach (var one in new Examination(_cluster.Client.As(new() { User = "nobody", Groups = ["system:authenticated"] })).RunAsync([Known], Stop))
        {
            found.Add(one);
        }

        Assert.Contains(found, one => one.Severity == Severity.Warning && one.Message.StartsWith("could not be looked at: customresourcedefinitions", StringComparison.Ordinal));
        Assert.Contains(found, one => one.Severity == Severity.Warning && one.Message.StartsWith("could not be looked at: pods is forbidden", StringComparison.Ordinal));
    }

    private static void See(IReadOnlyList<Diagnosis> found, Severity severity, string subject, string message) => Assert.True(
        found.Any(one => (one.Severity, one.Subject, one.Message) == (severity, subject, message)),
        $"no {severity} {subject}: {message}\nbut\n{string.Join('\n', found)}");

    private async Task<IReadOnlyList<Diagnosis>> ExamineAsync(TimeSpan later = default)
    {
        using var client = new KubeClient(KubeConfig.Load(_cluster.KubeconfigPath), new() { TimeProvider = new Later(later) });
        var found = new List<Diagnosis>();
        await foreach (var one in new Examination(client).RunAsync(null, Stop))
        {
            found.Add(one);
        }

        return found;
    }

    private Task InstallAsync() => _cluster.InstallAsync(string.Join("\n---\n", [.. Known.Ground, .. Known.Workload]), Stop);

    private Task CreateAsync(ResourceType type, string json) => _cluster.Client.CreateAsync(type, DynamicObject.Parse(Encoding.UTF8.GetBytes(json)), cancellationToken: Stop);

    private Task StatusAsync(ResourceType type, ObjectKey key, string status) =>
        _cluster.Client.PatchAsync(type, key, PatchType.Merge, Encoding.UTF8.GetBytes($$"""{"status":{{status}}}"""), new() { Subresource = "status" }, Stop);

    private Task LeaseAsync(DateTimeOffset renewed) => CreateAsync(Leases, $$$"""
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"8377a775.my.company.com","namespace":"kubetemplater-system"},
         "spec":{"holderIdentity":"one","leaseDurationSeconds":15,"renewTime":"{{{renewed.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffff}}}Z"}}
        """);

    private Task BundleAsync(string pem) => _cluster.Client.PatchAsync(
        Webhooks,
        ObjectKey.ClusterScoped("kubetemplater-validating-webhook-configuration"),
        PatchType.Json,
        Encoding.UTF8.GetBytes($$"""[{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(pem))}}"}]"""),
        cancellationToken: Stop);

    /// <summary>The clock, some time ahead.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
