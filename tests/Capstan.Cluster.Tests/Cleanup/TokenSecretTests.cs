using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Cleanup;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Cleanup;

public sealed class TokenSecretTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_that_asks_for_a_token_gets_one_that_is_good_and_goes_with_its_account()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: builder}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: token, annotations: {kubernetes.io/service-account.name: builder}}, type: kubernetes.io/service-account-token}
            """,
            Stop);
        var account = await cluster.Client.GetAsync(NamespaceDefaultsReconciler.Accounts, new("default", "builder"), Stop);
        var secret = (await SeeAsync(cluster, "token", found => found?["data"]?["token"] is not null))!;
        Assert.Equal(account.Uid, (string?)secret["metadata"]!["annotations"]!["kubernetes.io/service-account.uid"]);
        Assert.Equal("default", Text(secret, "namespace"));
        Assert.Equal(cluster.Client.Config.CertificateAuthority, Text(secret, "ca.crt"));
        using var bearer = new KubeClient(new KubeConfig { Server = cluster.Url, CertificateAuthority = Text(secret, "ca.crt"), Token = Text(secret, "token") });
        var review = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview","metadata":{"name":""}}""";
        var reviews = new ResourceType("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Namespaced: false);
        var self = await bearer.CreateAsync(reviews, DynamicObject.Parse(Encoding.UTF8.GetBytes(review)), cancellationToken: Stop);
        Assert.Equal("system:serviceaccount:default:builder", (string?)self.ToJson()["status"]!["userInfo"]!["username"]);

        await cluster.Client.DeleteAsync(NamespaceDefaultsReconciler.Accounts, account.Key, cancellationToken: Stop);
        await SeeAsync(cluster, "token", found => found is null);
        await Assert.ThrowsAsync<ApiException>(() => bearer.CreateAsync(reviews, DynamicObject.Parse(Encoding.UTF8.GetBytes(review)), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_secret_for_an_account_that_is_not_there_goes_and_what_somebody_takes_out_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: builder}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: lost, annotations: {kubernetes.io/service-account.name: nobody}}, type: kubernetes.io/service-account-token}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: token, annotations: {kubernetes.io/service-account.name: builder}}, type: kubernetes.io/service-account-token}
            """,
            Stop);
        await SeeAsync(cluster, "lost", found => found is null);
        var first = Text((await SeeAsync(cluster, "token", found => found?["data"]?["token"] is not null))!, "token");
        await cluster.Client.PatchAsync(
            TokenSecretReconciler.Secrets, new("default", "token"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"data":{"token":null,"ca.crt":"eA=="}}"""), cancellationToken: Stop);
        var again = await SeeAsync(cluster, "token", found => found?["data"]?["token"] is not null);
        Assert.NotEqual(first, Text(again!, "token"));
        Assert.Equal(cluster.Client.Config.CertificateAuthority, Text(again!, "ca.crt"));
    }

    private static string Text(JsonNode secret, string name) => Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![name]!));

    private static Task<JsonObject?> SeeAsync(TestCluster cluster, string name, Func<JsonObject?, bool> holds) => Eventually.SeeAsync(
        $"Secret {name}",
        async stop => (await cluster.Client.ListAsync(TokenSecretReconciler.Secrets, new ListOptions { Namespace = "default" }, stop)).Items.FirstOrDefault(found => found.Key.Name == name)?.ToJson(),
        holds,
        cancellationToken: Stop);
}
