using Capstan;
using Capstan.Testing;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>S3: objects are written with the rights of an account of the template's namespace, where the policy names one.</summary>
public sealed class AccountTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task S3_what_the_account_may_not_is_refused_by_name_and_what_it_may_is_done_in_its_name()
    {
        await _under.Cluster.InstallAsync($$$$$$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: acted}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: deployer, namespace: acted} }
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: acted, namespace: {{{{{{OperatorUnderTest.OperatorNamespace}}}}}} }
            spec: {sourceNamespace: acted, serviceAccountName: deployer, validationRules: {{{{{{Yaml.Allow("acted", "v1/ConfigMap")}}}}}} }
            """);
        await _under.Cluster.InstallAsync(Yaml.Template("acted", "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a"))));

        var failed = await _under.ReportedAsync("acted", "t", "Failed", "system:serviceaccount:acted:deployer");
        Assert.Contains("cannot patch resource \"configmaps\"", failed.Status!.Status, StringComparison.Ordinal);

        await _under.Cluster.InstallAsync("""
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: deployer, namespace: acted}, rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, create, patch]}]}
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: deployer, namespace: acted}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}, subjects: [{kind: ServiceAccount, name: deployer, namespace: acted}]}
            """);

        await _under.ReportedAsync("acted", "t", "Completed");
        await _under.Client.DeleteAsync<KubeTemplate>(new("acted", "t"));
        await _under.ReportedAsync("acted", "t", "Failed", "ConfigMap acted/a cannot be deleted: configmaps \"a\" is forbidden: User \"system:serviceaccount:acted:deployer\" cannot delete");

        await _under.Cluster.InstallAsync("""
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: deployer, namespace: acted}, rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, create, patch, delete]}]}
            """);

        await Eventually.SeeAsync(
            "the object to be gone",
            async ct => (await _under.Client.ListAsync(_configMaps, new() { Namespace = "acted", FieldSelector = "metadata.name=a" }, ct)).Items.Count,
            count => count == 0);
    }

    [Fact]
    public async Task A_namespace_that_is_deleted_with_its_account_does_not_wait_for_ever_for_what_the_account_made_elsewhere()
    {
        await _under.Cluster.InstallAsync($$$$$$"""
            {apiVersion: v1, kind: Namespace, metadata: {name: goes-away}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: stays}}
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: goes-away}, rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, create, patch, delete]}]}
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: goer, namespace: stays}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: goes-away}, subjects: [{kind: ServiceAccount, name: goer, namespace: goes-away}]}
            ---
            apiVersion: kubetemplater.io/v1alpha1
            kind: KubeTemplatePolicy
            metadata: {name: goes-away, namespace: {{{{{{OperatorUnderTest.OperatorNamespace}}}}}} }
            spec: {sourceNamespace: goes-away, serviceAccountName: goer, validationRules: {{{{{{Yaml.Allow("stays", "v1/ConfigMap")}}}}}} }
            """);
        await _under.Cluster.InstallAsync(Yaml.Template("goes-away", "t", "deletionPolicy: Delete, " + Yaml.Entries(Yaml.ConfigMap("a", ns: "stays"))));
        await _under.ReportedAsync("goes-away", "t", "Completed");
        await _under.Client.DeleteAsync(new ResourceType("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true), new("stays", "goer"));

        await _under.Client.DeleteAsync(new ResourceType("", "v1", "Namespace", "namespaces", false), ObjectKey.ClusterScoped("goes-away"));

        await Eventually.SeeAsync(
            "the namespace and the object to be gone",
            async ct => (await _under.Client.ListAsync(_configMaps, new() { Namespace = "stays", FieldSelector = "metadata.name=a" }, ct)).Items.Count
                + (await _under.Client.ListAsync(new ResourceType("", "v1", "Namespace", "namespaces", false), new() { FieldSelector = "metadata.name=goes-away" }, ct)).Items.Count,
            left => left == 0,
            TimeSpan.FromMinutes(1));
    }
}
