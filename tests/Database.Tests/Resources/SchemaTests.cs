using System.Text;
using Capstan;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Resources;

/// <summary>What the definitions alone refuse, without the webhook.</summary>
public class SchemaTests(SchemaTests.Definitions definitions) : IClassFixture<SchemaTests.Definitions>
{
    [Theory]
    [InlineData("""{"storage": {"size": "10Gi"}, "username": "app"}""", "spec.databaseName")]
    [InlineData("""{"storage": {"size": "10Gi"}, "databaseName": "orders", "username": "app", "replicas": 20}""", "should be less than or equal to 10")]
    [InlineData("""{"storage": {"size": "invalid"}, "databaseName": "orders", "username": "app"}""", "spec.storage.size")]
    [InlineData("""{"storage": {"size": "0Gi"}, "databaseName": "orders", "username": "app"}""", "more than nothing")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "", "username": "app"}""", "spec.databaseName")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": ""}""", "spec.username")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "pg_monitor"}""", "must not begin with pg_")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "postgres"}""", "must not be a role")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "template0", "username": "app"}""", "templates")]
    [InlineData("""{"storage": {"size": "1Gi"}, "databaseName": "ööööööööööööööööööööööööööööööööö", "username": "app"}""", "at most 63 bytes")]
    public async Task Defect16_what_PostgreSQL_could_not_take_is_refused(string spec, string says)
    {
        var refusal = await Assert.ThrowsAsync<ApiException>(() => definitions.CreateAsync("shop", spec));

        Assert.True(refusal.IsInvalid);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("0shop")]
    [InlineData("shop-shop-shop-shop-shop-shop-shop-shop-shop-shop-1")]
    public async Task Names_that_pods_and_Services_could_not_have_are_refused(string name)
    {
        var refusal = await Assert.ThrowsAsync<ApiException>(() => definitions.CreateAsync(name, """{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "app"}"""));

        Assert.Contains("at most 50", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_minimal_Database_gets_image_and_replicas()
    {
        var made = await definitions.CreateAsync("minimal", """{"storage": {"size": "1536Mi"}, "databaseName": "a\"b'; DROP TABLE x", "username": "o'neil"}""");

        Assert.Equal(("postgres:14", 1), (made.Spec.Image, made.Spec.Replicas));
    }

    [Theory]
    [InlineData("""{"storage": {"size": "900Mi"}}""", "cannot be decreased")]
    [InlineData("""{"databaseName": "other"}""", "databaseName is immutable")]
    [InlineData("""{"username": "other"}""", "username is immutable")]
    [InlineData("""{"storage": {"storageClass": "slow"}}""", "storageClass cannot be changed")]
    public async Task Defect16_changes_that_would_lose_something_are_refused(string change, string says)
    {
        var name = $"change-{says.Length}";
        await definitions.CreateAsync(name, """{"storage": {"size": "1Gi", "storageClass": "fast"}, "databaseName": "orders", "username": "app"}""");

        var refusal = await Assert.ThrowsAsync<ApiException>(() => definitions.ChangeAsync(name, change));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_grows_from_one_unit_to_the_other()
    {
        await definitions.CreateAsync("growing", """{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "app"}""");

        var grown = await definitions.ChangeAsync("growing", """{"storage": {"size": "1025Mi"}}""");

        Assert.Equal("1025Mi", grown.Spec.Storage.Size);
    }

    [Fact]
    public async Task The_environment_and_the_image_select_at_the_server()
    {
        await definitions.CreateAsync("one", """{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "app", "environment": "staging", "image": "postgres:13"}""");
        await definitions.CreateAsync("two", """{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "app", "environment": "staging", "image": "postgres:12"}""");

        var staging = await definitions.Cluster.Client.ListAsync<Database>(new() { FieldSelector = "spec.environment=staging" }, TestContext.Current.CancellationToken);
        var both = await definitions.Cluster.Client.ListAsync<Database>(new() { FieldSelector = "spec.environment=staging,spec.image=postgres:12" }, TestContext.Current.CancellationToken);

        Assert.Equal(["one", "two"], staging.Items.Select(one => one.Metadata.Name));
        Assert.Equal(["two"], both.Items.Select(one => one.Metadata.Name));
    }

    [Fact]
    public async Task All_phases_of_the_course_can_be_written()
    {
        var made = await definitions.CreateAsync("phases", """{"storage": {"size": "1Gi"}, "databaseName": "orders", "username": "app"}""");
        foreach (var phase in Phases.All)
        {
            var written = await definitions.Cluster.Client.PatchStatusAsync<Database>(made.Key, Encoding.UTF8.GetBytes($$$"""{"status": {"phase": "{{{phase}}}"}}"""), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(phase, written.Status!.Phase);
        }
    }

    public sealed class Definitions : IAsyncLifetime
    {
        public TestCluster Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Cluster = await TestCluster.StartAsync(new() { Controllers = false });
            foreach (var definition in Manifests.CustomResourceDefinitions)
            {
                await Cluster.InstallAsync(definition);
            }
        }

        public async Task<Database> CreateAsync(string name, string spec)
        {
            var json = $$"""{"apiVersion": "database.example.com/v1", "kind": "Database", "metadata": {"name": "{{name}}", "namespace": "default"}, "spec": {{spec}}}""";
            return (await Cluster.Client.CreateAsync(Database.Resource, DynamicObject.Parse(Encoding.UTF8.GetBytes(json)))).To<Database>();
        }

        public Task<Database> ChangeAsync(string name, string spec) =>
            Cluster.Client.PatchAsync<Database>(new("default", name), PatchType.Merge, Encoding.UTF8.GetBytes($$"""{"spec": {{spec}}}"""));

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
