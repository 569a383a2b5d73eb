using System.Text.Json.Nodes;
using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Selectors;
using Capstan.Testing;

namespace KubeTemplater.Tests.Deploying;

/// <summary>The manifests by which users install the operator, held against a server that takes no field it does not know, and against the operator's own options.</summary>
public sealed class DeploymentTests
{
    private static readonly IReadOnlyList<DynamicObject> Installed =
        [.. new[] { Manifests.Access, Manifests.Deployment, Manifests.Admission, Manifests.Autoscaling }.SelectMany(text => ManifestReader.Read(text, "deploy"))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static JsonObject Pod => Of("Deployment")["spec"]!["template"]!.AsObject();

    private static JsonObject Container => Pod["spec"]!["containers"]![0]!.AsObject();

    [Fact]
    public async Task A_server_takes_each_of_them_with_no_unknown_field_and_no_warning()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        var warned = new List<string>();
        using var client = new KubeClient(KubeConfig.Load(cluster.KubeconfigPath), new KubeClientOptions { OnWarning = warned.Add });
        foreach (var text in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(text, Stop);
        }

        foreach (var manifest in Installed)
        {
            var type = await client.Discovery.GetAsync(manifest.GroupVersionKind, Stop);
            var written = await client.ApplyAsync(
                type, manifest.Key, manifest.Json, new ApplyOptions { FieldManager = "test", Force = true, FieldValidation = "Strict" }, Stop);
            Assert.NotNull(written.Uid);
        }

        Assert.Empty(warned);
    }

    [Fact]
    public void Its_arguments_are_options_that_the_operator_knows()
    {
        var arguments = Container["args"]!.AsArray().Select(argument => (string)argument!).ToArray();
        var parsed = new CommandLine().Root.Parse(arguments);
        Assert.Empty(parsed.Errors);
        Assert.Contains("--leader-elect", arguments);
    }

    [Fact]
    public void Its_ports_are_those_that_it_listens_on_and_that_services_and_probes_name()
    {
        var named = Container["ports"]!.AsArray().ToDictionary(port => (string)port!["name"]!, port => (int)port!["containerPort"]!);
        var listening = Container["args"]!.AsArray().Select(argument => (string)argument!).Where(argument => argument.Contains("bind-address", StringComparison.Ordinal))
            .Select(argument => int.Parse(argument[(argument.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(named.Values.Order(), listening.Order());
        foreach (var service in Installed.Where(manifest => manifest.Kind == "Service").Select(manifest => manifest.ToJson()))
        {
            Assert.All(service["spec"]!["ports"]!.AsArray(), port => Assert.Contains(
                port!["targetPort"]!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? (int)port["targetPort"]! : named[(string)port["targetPort"]!], named.Values));
        }

        Assert.All(["startupProbe", "livenessProbe", "readinessProbe"], probe => Assert.Contains((string)Container[probe]!["httpGet"]!["port"]!, named.Keys));
    }

    [Fact]
    public void Every_selector_selects_its_pods_and_its_account_is_the_one_with_the_rights()
    {
        var labels = Pod["metadata"]!["labels"]!.AsObject().ToDictionary(label => label.Key, label => (string)label.Value!);
        Assert.All(Installed.Where(manifest => manifest.Kind == "Service"), service =>
            Assert.True(LabelSelector.FromLabels(service.ToJson()["spec"]!["selector"]!.AsObject().Select(l => KeyValuePair.Create(l.Key, (string)l.Value!))).Matches(labels)));
        Assert.All(["Deployment", "PodDisruptionBudget"], kind => Assert.True(LabelSelector.From(Of(kind)["spec"]!["selector"]!.AsObject()).Matches(labels)));
        Assert.Equal((string?)Of("Deployment")["metadata"]!["name"], (string?)Of("HorizontalPodAutoscaler")["spec"]!["scaleTargetRef"]!["name"]);
        Assert.Equal(Manifests.ServiceAccount, (string?)Pod["spec"]!["serviceAccountName"]);
        Assert.Equal(Manifests.Namespace, (string?)Of("Deployment")["metadata"]!["namespace"]);
    }

    private static JsonObject Of(string kind) => Installed.Single(manifest => manifest.Kind == kind).ToJson();
}
