using System.Text;
using Capstan.Webhooks;
using Xunit;

namespace Capstan.Runtime.Tests.Webhooks;

public sealed class ConfigurationAuditTests : IDisposable
{
    private readonly LogReading logs = new();

    public void Dispose() => logs.Dispose();

    [Fact]
    public void Trap33_a_webhook_that_fails_open_is_told_once()
    {
        var audit = new ConfigurationAudit("shop-system", logs.CreateLogger("test"));
        audit.Look(Configuration("\"failurePolicy\":\"Ignore\",\"rules\":[{\"resources\":[\"shops\"]}]"));
        audit.Look(Configuration("\"failurePolicy\":\"Ignore\",\"rules\":[{\"resources\":[\"shops\"]}]"));
        Assert.Contains("lets requests pass unseen while no replica answers: webhook a.example.com has failurePolicy Ignore", Assert.Single(logs.Lines).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pods")]
    [InlineData("*")]
    [InlineData("secrets")]
    public void Trap33_a_webhook_that_may_lock_its_own_operator_out_is_told(string resource)
    {
        new ConfigurationAudit("shop-system", logs.CreateLogger("test")).Look(Configuration($"\"failurePolicy\":\"Fail\",\"rules\":[{{\"resources\":[\"{resource}\"]}}]"));
        var line = Assert.Single(logs.Lines).Text;
        Assert.Contains($"is asked about {resource} in the operator's own namespace shop-system", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"failurePolicy\":\"Fail\",\"rules\":[{\"resources\":[\"shops\"]}]")]
    [InlineData("\"failurePolicy\":\"Fail\",\"rules\":[{\"resources\":[\"pods\"]}],\"namespaceSelector\":{\"matchExpressions\":[{\"key\":\"kubernetes.io/metadata.name\",\"operator\":\"NotIn\",\"values\":[\"shop-system\"]}]}")]
    public void What_is_safe_is_not_told(string webhook)
    {
        new ConfigurationAudit("shop-system", logs.CreateLogger("test")).Look(Configuration(webhook));
        Assert.Empty(logs.Lines);
    }

    private static DynamicObject Configuration(string webhook) => DynamicObject.Parse(Encoding.UTF8.GetBytes(
        "{\"kind\":\"ValidatingWebhookConfiguration\",\"metadata\":{\"name\":\"shops\"},\"webhooks\":[{\"name\":\"a.example.com\"," + webhook + "}]}"));
}
