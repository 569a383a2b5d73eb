using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>The course's scenarios, as kubectl shows them; those without kubectl are in Database.Tests.</summary>
[Collection(nameof(SimulatedDatabaseLab))]
public sealed class ScenarioTests(SimulatedDatabaseLab lab)
{
    [Fact]
    public async Task The_table_and_the_explanations()
    {
        await using var terminal = await OpenAsync("tables");
        await terminal.TypeAsync(Apply("shop", "replicas: 3, image: 'postgres:14.1', ") + "\nkubectl wait --for=condition=Ready database/shop --timeout=100s");
        Assert.Matches(@"^NAME   PHASE   REPLICAS   READY   AGE\nshop   Ready   3          true    \d+s$", await terminal.TypeAsync("kubectl get databases"));
        Assert.Matches(
            @"^NAME   PHASE   REPLICAS   READY   AGE +PRIMARY   IMAGE\nshop   Ready   3          true    \d+s +shop-0    postgres:14.1$", await terminal.TypeAsync("kubectl get databases -o wide"));
        await terminal.SeeAsync("kubectl get pdb --no-headers", text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["shop", "N/A", "1", "1", _]);

        var database = await terminal.TypeAsync("kubectl explain databases");
        Assert.Contains("GROUP:      database.example.com\nKIND:       Database\nVERSION:    v1", database, StringComparison.Ordinal);
        Assert.Matches(@"one\s+primary\s+and,\s+with\s+more\s+than\s+one\s+replica,", database);
        Assert.Contains("  spec\t<Object> -required-", database, StringComparison.Ordinal);
        var size = await terminal.TypeAsync("kubectl explain databases.spec.storage.size");
        Assert.Contains("FIELD: size <string>", size, StringComparison.Ordinal);
        Assert.Matches(@"never\s+shrink", size);
        foreach (var field in (string[])["backups.spec.schedule", "restores.spec.backupRef", "databases.status.standbys", "databases.spec.environment"])
        {
            Assert.Contains($"FIELD: {field.Split('.')[^1]} <", await terminal.TypeAsync($"kubectl explain {field}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_everything_that_is_wrong()
    {
        await using var terminal = await OpenAsync("refused");
        await RefusedAsync(terminal, Apply("a", "image: 'nginx:latest', "), "must be a PostgreSQL image");
        await RefusedAsync(terminal, Apply("a", "replicas: 20, "), "spec.replicas: Invalid value: 20: spec.replicas in body should be less than or equal to 10");
        await RefusedAsync(terminal, Apply("a", size: "invalid"), "spec.storage.size: Invalid value: \"invalid\": spec.storage.size in body should match");
        await RefusedAsync(terminal, Apply("a").Replace("databaseName: mydb, ", "", StringComparison.Ordinal), "spec.databaseName: Required value");
        await RefusedAsync(terminal, Apply("a", "image: 'nginx:latest', replicas: 10, ", "10Gi"), "must be a PostgreSQL image", "at least 50Gi");

        await terminal.TypeAsync(Apply("shop", size: "10Gi"));
        await RefusedAsync(terminal, Apply("shop", size: "5Gi"), "storage.size cannot be decreased");
        await RefusedAsync(terminal, "kubectl patch database shop --type=merge -p '{\"spec\":{\"databaseName\":\"other\"}}'", "immutable");
        await RefusedAsync(terminal, "kubectl patch database shop --type=merge -p '{\"spec\":{\"image\":\"nginx\"}}'", "must be a PostgreSQL image");
        await RefusedAsync(terminal, "kubectl patch database shop --type=merge -p '{\"spec\":{\"image\":\"postgres:14-alpine\"}}'", "sort text differently");
    }

    [Fact]
    public async Task Defaults_are_filled_in_and_in_production_there_are_three()
    {
        await using var terminal = await OpenAsync("production");
        await terminal.TypeAsync(Apply("shop"));
        const string Fields = "{.spec.image} {.spec.replicas} {.spec.storage.storageClass} {.metadata.labels.managed-by} {.metadata.annotations.database\\.example\\.com/version}";
        Assert.Equal("postgres:14 3 standard database-operator v1", await terminal.TypeAsync($"kubectl get database shop -o jsonpath='{Fields}'"));
        await terminal.TypeAsync(Apply("shop").Replace("name: shop", "name: shop, namespace: default", StringComparison.Ordinal));
        Assert.Equal("postgres:14 1 standard database-operator v1", await terminal.TypeAsync($"kubectl get database shop -n default -o jsonpath='{Fields}'; kubectl delete database shop -n default > /dev/null"));
    }

    [Fact]
    public async Task Applied_thrice_it_is_one_and_what_is_deleted_is_made_again_and_it_follows_the_last_of_quick_changes()
    {
        await using var terminal = await OpenAsync("changes");
        Assert.Equal(
            ["created", "unchanged", "unchanged"],
            (await terminal.TypeAsync(string.Join('\n', Enumerable.Repeat(Apply("shop"), 3)))).Split('\n').Select(line => line.Split(' ')[1]));
        await terminal.TypeAsync("kubectl wait --for=condition=Ready database/shop --timeout=100s");
        Assert.Equal("statefulset.apps/shop", await terminal.TypeAsync("kubectl get statefulsets -o name"));

        var first = await terminal.TypeAsync("kubectl get statefulset shop -o jsonpath='{.metadata.uid}'");
        await terminal.TypeAsync("kubectl delete statefulset shop");
        await terminal.SeeAsync("kubectl get statefulset shop -o jsonpath='{.metadata.uid}'", text => text.Length == first.Length && text != first && !text.Contains(' ', StringComparison.Ordinal));

        await terminal.TypeAsync("for n in 3 4 5; do kubectl patch database shop --type=merge -p '{\"spec\":{\"replicas\":'$n'}}'; done");
        await terminal.SeeAsync("kubectl get statefulset shop -o jsonpath='{.spec.replicas} {.status.readyReplicas}'", text => text == "5 5");
        await terminal.TypeAsync("kubectl patch database shop --type=merge -p '{\"spec\":{\"image\":\"postgres:14.2\"}}'");
        await terminal.SeeAsync(
            "kubectl get pods -o jsonpath='{.items[*].spec.containers[0].image}'", text => text == string.Join(' ', Enumerable.Repeat("postgres:14.2", 5)));

        // The course's own patch of the Secret is no base64.
        await RefusedAsync(terminal, "kubectl patch secret shop-credentials -p '{\"data\":{\"password\":\"new-password\"}}'", "illegal base64");
        await terminal.TypeAsync("kubectl delete secret/shop-credentials service/shop");
        await terminal.SeeAsync("kubectl get secret/shop-credentials service/shop -o name", text => text == "secret/shop-credentials\nservice/shop");
    }

    [Fact]
    public async Task A_cleanup_that_fails_is_told_and_ends_once_it_can()
    {
        await using var terminal = await OpenAsync("cleanup");
        await terminal.TypeAsync(Apply("shop") + "\nkubectl wait --for=condition=Ready database/shop --timeout=100s");

        // The right to delete is taken away, and given back.
        await terminal.TypeAsync("kubectl get clusterrole postgres-operator-manager-role -o yaml | grep -v '^  - delete$' | kubectl replace -f -");
        await terminal.TypeAsync("kubectl delete database shop --wait=false");
        await terminal.SeeAsync(
            "kubectl get database shop -o jsonpath='{.status.conditions[?(@.type==\"Ready\")].reason} {.metadata.finalizers}'", text => text == "CleanupFailed [\"database.example.com/finalizer\"]");
        await terminal.TypeAsync("kubectl apply --server-side --force-conflicts -f deploy/role.yaml\nkubectl wait --for=delete database/shop --timeout=100s");
        Assert.DoesNotContain("shop", await terminal.TypeAsync("kubectl get statefulsets,services,secrets -o name"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_three_replicas_of_the_operator_one_works_and_another_takes_over()
    {
        await using var terminal = await OpenAsync("replicas");
        await terminal.TypeAsync($"kubectl scale deploy -n {DatabaseLab.Namespace} {DatabaseLab.Operator} --replicas=3");
        await terminal.TypeAsync($"kubectl rollout status deploy -n {DatabaseLab.Namespace} {DatabaseLab.Operator} --timeout=100s");
        var leader = await LeaderAsync(terminal, "");
        var holder = await terminal.TypeAsync(Holder);
        await terminal.TypeAsync($"kubectl delete pod -n {DatabaseLab.Namespace} {leader} --grace-period=1");
        await terminal.SeeAsync(Holder, text => text.Length > 0 && text != holder);
        await LeaderAsync(terminal, leader);
        await terminal.TypeAsync(Apply("shop") + "\nkubectl wait --for=condition=Ready database/shop --timeout=100s");
        await terminal.DeleteDatabasesAsync();
        await terminal.TypeAsync($"kubectl scale deploy -n {DatabaseLab.Namespace} {DatabaseLab.Operator} --replicas=1");
        await terminal.OnePodAsync();
    }

    private const string Holder = $"kubectl get lease -n {DatabaseLab.Namespace} postgres-operator.example.com -o jsonpath='{{.spec.holderIdentity}}'";

    private static async Task<string> LeaderAsync(Terminal terminal, string other)
    {
        var text = await terminal.SeeAsync(
            $"kubectl logs -n {DatabaseLab.Namespace} -l control-plane=controller-manager --tail=-1 --prefix | grep 'Became the leader'",
            text => text.Split('\n').Any(line => line.Contains("Became the leader", StringComparison.Ordinal) && (other.Length == 0 || !line.Contains(other, StringComparison.Ordinal))));
        return text.Split('\n').Single(line => line.Contains("Became the leader", StringComparison.Ordinal) && (other.Length == 0 || !line.Contains(other, StringComparison.Ordinal))).Split('/')[1];
    }

    private static async Task RefusedAsync(Terminal terminal, string commands, params string[] says)
    {
        var (code, output) = await terminal.TryAsync(commands);
        Assert.True(code != 0, output);
        Assert.All(says, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    private static string Apply(string name, string more = "", string size = "1Gi") =>
        $$"""
        kubectl apply -f - <<EOF
        apiVersion: database.example.com/v1
        kind: Database
        metadata: {name: {{name}}}
        spec: { {{more}}databaseName: mydb, username: admin, storage: {size: {{size}}} }
        EOF
        """;

    // In a namespace of its own, that the next test does not see.
    private async Task<Terminal> OpenAsync(string @namespace)
    {
        var terminal = await lab.TerminalAsync();
        await terminal.TypeAsync(
            $"cp $KUBECONFIG ~/{@namespace}; export KUBECONFIG=~/{@namespace}\nkubectl config set-context --current --namespace={@namespace}\nkubectl create namespace {@namespace}");
        await terminal.RollOutAsync("--connect=false");
        return terminal;
    }
}
