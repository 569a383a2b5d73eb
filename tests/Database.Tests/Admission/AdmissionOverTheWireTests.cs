using System.Text;
using Capstan;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Admission;

/// <summary>The webhooks as the API server asks them, by the manifests that users install.</summary>
public class AdmissionOverTheWireTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Defaults_come_before_judgement_and_everything_wrong_is_told_at_once()
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { Webhooks = new() { BindAddress = "127.0.0.1:0", SelfSigned = new() { UseLocalUrl = true } } });
        await running.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: production}}", Cancelled);
        await running.AskOperatorAsync();

        var made = await Eventually.SeeAsync(
            "a Database that was asked about",
            token => running.Client.CreateAsync(Parse("""{"metadata": {"namespace": "production", "generateName": "shop-"}, "spec": {"storage": {"size": "10Gi"}, "databaseName": "orders", "username": "admin"}}"""), cancellationToken: token),
            created => created.Spec.Replicas == 3,
            cancellationToken: Cancelled);
        Assert.Equal(("standard", "database-operator"), (made.Spec.Storage.StorageClass, made.Metadata.Labels!["managed-by"]));

        var refusal = await Assert.ThrowsAsync<ApiException>(() => running.Client.CreateAsync(Given.Database("wrong", replicas: 10, size: "10Gi", image: "nginx:latest"), cancellationToken: Cancelled));
        Assert.Contains("validation failed: spec.image: Invalid value: \"nginx:latest\": must be a PostgreSQL image", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("; spec.storage.size: ", refusal.Message, StringComparison.Ordinal);

        var changed = await Assert.ThrowsAsync<ApiException>(() => running.ChangeAsync("production", made.Metadata.Name!, """{"image": "postgres:14-alpine"}"""));
        Assert.Contains("cannot follow postgres:14", changed.Message, StringComparison.Ordinal);

        // A refusal does not keep a Database from being deleted.
        await running.Client.DeleteAsync<Database>(made.Key, cancellationToken: Cancelled);
        await Eventually.SeeAsync("no Database", token => running.Client.FindAsync<Database>(made.Key, token), found => found is null, cancellationToken: Cancelled);
    }

    private static Database Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json)).To<Database>();
}
