using Capstan.ApiServer;
using Capstan.Runtime.Tests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests;

/// <summary>A program that is a ServiceAccount without being in a pod.</summary>
public sealed class ServiceAccountLoginTests : IAsyncLifetime
{
    private static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);
    private static readonly ResourceType WhoAmI = new("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Namespaced: false);
    private static readonly ObjectKey Robot = new("default", "robot");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-login-");
    private readonly ManualTime _time = new();
    private EmbeddedApiServer _server = null!;
    private KubeClient _admin = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new ApiServerOptions { Clock = _time }, Stop);
        var kubeconfig = Path.Combine(_directory.FullName, "kubeconfig");
        _server.WriteKubeconfig(kubeconfig);
        _admin = new KubeClient(KubeConfig.Load(kubeconfig), new KubeClientOptions { TimeProvider = _time });
        await _admin.CreateAsync(
            Accounts, DynamicObject.Parse("""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot","namespace":"default"}}"""u8.ToArray()), cancellationToken: Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_ends()
    {
        await using var login = await ServiceAccountLogin.StartAsync(_admin, Robot, Stop);
        using var robot = new KubeClient(login.Config, new KubeClientOptions { TimeProvider = _time });
        Assert.Equal("system:serviceaccount:default:robot", await NameOfAsync(robot));
        var first = await File.ReadAllTextAsync(login.Config.TokenFile!, Stop);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(login.Config.TokenFile!)!) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
        }

        // A token is given for an hour, and the next is due after four fifths of it.
        await _time.WaitForTimerAsync(TimeSpan.FromMinutes(48), Stop);
        _time.Advance(TimeSpan.FromMinutes(49));
        await Eventually.SeeAsync(
            "another token", _ => File.ReadAllTextAsync(login.Config.TokenFile!, Stop), token => token != first, cancellationToken: Stop);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("system:serviceaccount:default:robot", await NameOfAsync(robot));

        using var late = new KubeClient(login.Config with { TokenFile = null, Token = first }, new KubeClientOptions { TimeProvider = _time });
        var refused = await Assert.ThrowsAsync<ApiException>(() => NameOfAsync(late));
        Assert.Equal(401, refused.Code);
    }

    [Fact]
    public async Task The_token_goes_with_the_login()
    {
        var login = await ServiceAccountLogin.StartAsync(_admin, Robot, Stop);
        Assert.True(File.Exists(login.Config.TokenFile));
        await login.DisposeAsync();
        Assert.False(Directory.Exists(Path.GetDirectoryName(login.Config.TokenFile)));
    }

    [Fact]
    public async Task An_account_that_is_not_there_is_told()
    {
        var fault = await Assert.ThrowsAsync<ApiException>(() => ServiceAccountLogin.StartAsync(_admin, new ObjectKey("default", "nobody"), Stop));
        Assert.Equal("serviceaccounts \"nobody\" not found", fault.Status.Message);
    }

    private static async Task<string?> NameOfAsync(KubeClient client)
    {
        var review = await client.CreateAsync(WhoAmI, DynamicObject.Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"""u8.ToArray()), cancellationToken: Stop);
        return (string?)review.ToJson()["status"]?["userInfo"]?["username"];
    }
}
