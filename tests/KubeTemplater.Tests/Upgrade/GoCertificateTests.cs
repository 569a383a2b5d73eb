using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Testing;
using KubeTemplater.Tests.Admission;

namespace KubeTemplater.Tests.Upgrade;

/// <summary>What the Go operator leaves of its webhook: Secrets with its certificates, under the name that is ours too, and a configuration that trusts them.</summary>
public sealed class GoCertificateTests
{
    private const string Certificate = "kubetemplater-webhook-cert";

    private static readonly ResourceType _secrets = new("", "v1", "Secret", "secrets", true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public enum Left
    {
        Whole,
        WithoutAuthority,
        Ended,
        Garbage,
    }

    [Theory]
    [InlineData(Left.Whole)]
    [InlineData(Left.WithoutAuthority)]
    [InlineData(Left.Ended)]
    [InlineData(Left.Garbage)]
    public async Task Certificates_and_configuration_of_the_Go_operator_do_not_keep_ours_from_judging(Left left)
    {
        var under = await OperatorUnderTest.StartAsync();
        await using var admitted = new AdmittedOperator();
        admitted.Take(under);
        await under.StopOperatorAsync();
        var (authority, certificate, key) = Made(left == Left.Ended ? DateTimeOffset.UtcNow.AddDays(-1) : DateTimeOffset.UtcNow.AddYears(1));
        await SecretAsync(under, Certificate, left switch
        {
            Left.Garbage => [("tls.crt", "no certificate"), ("tls.key", "no key"), ("ca.crt", "nothing")],
            Left.WithoutAuthority => [("tls.crt", certificate), ("tls.key", key)],
            _ => [("tls.crt", certificate), ("tls.key", key), ("ca.crt", authority)],
        });
        await SecretAsync(under, $"{Certificate}-ca", [("tls.crt", authority), ("tls.key", key)]);
        await under.Cluster.InstallAsync(Manifests.Admission, Stop);
        await under.Client.PatchAsync(
            AdmittedOperator.Configurations, AdmittedOperator.Configuration, PatchType.Json,
            Encoding.UTF8.GetBytes($$"""[{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"{{Base64(authority)}}"}]"""), cancellationToken: Stop);
        var before = await under.Client.GetAsync(_secrets, new(OperatorUnderTest.OperatorNamespace, $"{Certificate}-ca"), Stop);

        await under.StartOperatorAsync(admitted.With);
        await admitted.ReachableAsync();
        await Eventually.SeeAsync(
            "the API server to trust the operator", _ => admitted.CreateAsync("default", "", dryRun: true), answer => !answer.Message.Contains("failed calling webhook", StringComparison.Ordinal), cancellationToken: Stop);
        var ns = await admitted.NamespaceAsync("judged", "[{kind: ConfigMap, group: \"\", version: v1, targetNamespaces: [judged]}]");

        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}}")).IsAccepted();
        (await admitted.CreateAsync(ns, "{object: {apiVersion: v1, kind: Secret, metadata: {name: s}}}", "other")).IsRefused("not allowed by policy");
        Assert.Equal(before.ResourceVersion, (await under.Client.GetAsync(_secrets, new(OperatorUnderTest.OperatorNamespace, $"{Certificate}-ca"), Stop)).ResourceVersion);
    }

    private static Task SecretAsync(OperatorUnderTest under, string name, (string Key, string Value)[] data) => under.Client.CreateAsync(
        _secrets,
        DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = OperatorUnderTest.OperatorNamespace },
            ["type"] = "kubernetes.io/tls",
            ["data"] = new JsonObject(data.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)Base64(one.Value)))),
        }),
        cancellationToken: Stop);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>As the Go operator makes them: RSA of 2048 bits, an authority, and a certificate for its Service.</summary>
    private static (string Authority, string Certificate, string Key) Made(DateTimeOffset until)
    {
        using var authorityKey = RSA.Create(2048);
        var request = new CertificateRequest("CN=KubeTemplater CA", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(8));
        using var key = RSA.Create(2048);
        var leaf = new CertificateRequest("CN=kubetemplater-webhook-service.kubetemplater-system.svc", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("kubetemplater-webhook-service.kubetemplater-system.svc");

        // That name leads to the operator in a cluster; here the address does.
        names.AddIpAddress(IPAddress.Loopback);
        leaf.CertificateExtensions.Add(names.Build());
        using var certificate = leaf.Create(authority, DateTimeOffset.UtcNow.AddYears(-1), until, [1, 2, 3, 4]);
        return (authority.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
