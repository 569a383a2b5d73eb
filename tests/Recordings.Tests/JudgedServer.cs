using Capstan.Testing;
using Recordings.Tests.Wire;

namespace Recordings.Tests;

/// <summary>The server under test: the embedded one with its controllers and no pods, or the one that <c>CAPSTAN_TEST_KUBECONFIG</c> names.</summary>
public sealed class JudgedServer : IAsyncLifetime
{
    private TestCluster? _embedded;

    internal ServerUnderTest Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var kubeconfig = Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG");
        if (string.IsNullOrEmpty(kubeconfig))
        {
            _embedded = await TestCluster.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            kubeconfig = _embedded.KubeconfigPath;
        }

        Server = new ServerUnderTest(kubeconfig);
    }

    public async ValueTask DisposeAsync()
    {
        Server.Dispose();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }
}
