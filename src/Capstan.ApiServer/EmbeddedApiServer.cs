using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Access.Reviews;
using Capstan.ApiServer.Access.Tokens;
using Capstan.ApiServer.Admission;
using Capstan.ApiServer.Admission.Quota;
using Capstan.ApiServer.Aggregation;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Proxy;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;
using Capstan.ApiServer.Registry.BuiltIn.Services;
using Capstan.ApiServer.Registry.CustomResources;
using Capstan.ApiServer.Storage;
using Capstan.ApiServer.Storage.Durable;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.ApiServer;

/// <summary>A Kubernetes API server in this process, on 127.0.0.1 with TLS. Objects are kept in memory and go with the server, or in <see cref="ApiServerOptions.DataDirectory"/>.</summary>
/// <remarks>Thread-safe. Each server has its own certificate authority; clients are let in by a certificate of it (see <see cref="WriteKubeconfig"/>) or by the token of a ServiceAccount, and may do what RBAC gives them.</remarks>
public sealed class EmbeddedApiServer : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Listener _listener;
    private readonly ServerIdentity _identity;
    private readonly CancellationTokenSource _stopping;
    private readonly Store _store;
    private readonly Aggregator _aggregator;
    private readonly AvailabilityLoop _availability;
    private int _disposed;

    private EmbeddedApiServer(Listener listener, ServerIdentity identity, CancellationTokenSource stopping, Store store, Aggregator aggregator, AvailabilityLoop availability)
    {
        _listener = listener;
        _identity = identity;
        _stopping = stopping;
        _store = store;
        _aggregator = aggregator;
        _availability = availability;
        AdminCertificate = identity.Certificates.Client("kubernetes-admin", "system:masters");
        Port = listener.Port;
        Url = new Uri($"https://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>The port that the server listens on.</summary>
    public int Port { get; }

    /// <summary>Where the server is reached: <c>https://127.0.0.1:PORT</c>.</summary>
    public Uri Url { get; }

    /// <summary>Certificate of the authority that signed the server's certificate, in PEM: what clients must trust.</summary>
    public string CertificateAuthorityPem => _identity.Certificates.AuthorityPem;

    /// <summary>Client certificate, with its key, of a user who may do everything (group <c>system:masters</c>). Owned by the server.</summary>
    public X509Certificate2 AdminCertificate { get; }

    /// <summary>Starts a server; it is ready when the task completes.</summary>
    /// <exception cref="DataDirectoryException">The data directory is used by another server, cannot be written, or is damaged.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EmbeddedApiServer> StartAsync(ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ApiServerOptions();

        // Beside each other what needs the others late: keys and certificates, Kestrel, and what is served. All are mostly code that runs for the first time.
        var (store, loading) = await OpenAsync(options);
        var listening = Task.Run(() => Listener.StartAsync(options.Port, TlsAsync(loading)), CancellationToken.None);
        var stopping = new CancellationTokenSource();
        Aggregator? aggregator = null;
        AvailabilityLoop? availability = null;
        try
        {
            // Bottom up: what is served, who may, how it is read and written.
            var authorization = new Access.Authorization(new Policy(store));
            var catalogue = new Catalogue(BuiltInResources.All(new KindRulesFactory(new ServiceAddresses(store, new Random()), authorization, options.Clock)));
            var cluster = new ClusterState(store);
            var admission = new AdmissionChain(store, catalogue, options.Clock);
            var quotas = new QuotaAdmission(store, options.Clock);
            var writes = new Writes(store, catalogue, authorization, new BuiltInAdmission(cluster, options.ServiceAccountAdmission), admission, quotas, options.Clock);
            await FirstObjects.CreateAsync(catalogue, store, writes);
            new CustomResources(store, catalogue, options.Clock).Start();
            new LocalApiServices(store, catalogue, options.Clock).Start();
            admission.Start();

            var identity = await loading;
            ExtensionAuthentication.Publish(store, identity, options.Clock);
            aggregator = new Aggregator(store, identity.FrontProxyClient, stopping.Token);
            aggregator.Start();
            availability = new AvailabilityLoop(store, aggregator, options.Clock);
            availability.Start();
            var metrics = new RequestMetrics();
            var responder = new Responder(new Tables(options.Clock));
            var tokens = new AccountTokens(store, identity.TokenKey, options.Clock);
            var pipeline = new RequestPipeline(
                new Authentication(identity.Certificates, tokens),
                new Impersonation(authorization),
                authorization,
                catalogue,
                new Documents(catalogue, aggregator, tokens, new MetricsPage(metrics, catalogue, store), new HealthChecks(() => stopping.IsCancellationRequested)),
                store,
                new Reads(store),
                new NodeConnections(cluster, authorization, identity.Proxies, stopping.Token),
                aggregator,
                new Watches(store, responder, metrics, options.Clock, stopping.Token),
                writes,
                new Reviews(writes, new AccessReviews(authorization), new TokenReviews(store, tokens, options.Clock), options.Clock),
                new PodActions(
                    options.ServiceAccountAdmission ? new DefaultAccountWait(cluster) : null,
                    new PodBinding(store, catalogue, cluster, writes, options.Clock),
                    new PodEviction(store, catalogue, cluster, writes, options.Clock)),
                responder,
                metrics,
                options.Clock);

            await store.CommittedAsync(mark: 0);
            var listener = await listening.WaitAsync(cancellationToken);
            listener.Serve(options.Around?.Invoke(pipeline.HandleAsync) ?? pipeline.HandleAsync);
            return new EmbeddedApiServer(listener, identity, stopping, store, aggregator, availability);
        }
        catch (Exception e)
        {
            await (availability?.DisposeAsync() ?? ValueTask.CompletedTask);
            aggregator?.Dispose();
            await DisposeAsync(listening);
            await store.DisposeAsync();
            await DisposeAsync(loading);
            stopping.Dispose();
            if (e is StorageException)
            {
                throw new DataDirectoryException(e.Message, e);
            }

            throw;
        }
    }

    private static async Task<(Store Store, Task<ServerIdentity> Identity)> OpenAsync(ApiServerOptions options)
    {
        if (options.DataDirectory is not { } path)
        {
            return (new Store(options.WatchWindow), ServerIdentity.LoadAsync(null, options.Clock));
        }

        var directory = DataDirectory.Open(path);
        var loading = ServerIdentity.LoadAsync(directory, options.Clock);
        try
        {
            var logger = options.Logs?.CreateLogger(typeof(EmbeddedApiServer).FullName!) ?? NullLogger.Instance;
            return (DurableStore.Open(directory, options.WatchWindow, logger), loading);
        }
        catch
        {
            await DisposeAsync(loading);
            directory.Dispose();
            throw;
        }
    }

    private static async Task<SslServerAuthenticationOptions> TlsAsync(Task<ServerIdentity> loading) => await (await loading).Tls;

    private static async Task DisposeAsync<T>(Task<T> part)
        where T : IAsyncDisposable
    {
        await ((Task)part).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (part.IsCompletedSuccessfully)
        {
            await part.Result.DisposeAsync();
        }
    }

    /// <summary>A client certificate, with its key, for another user. The caller owns it.</summary>
    public X509Certificate2 CreateClientCertificate(string user, params IReadOnlyList<string> groups) => _identity.Certificates.Client(user, groups);

    /// <summary>Writes a kubeconfig for the admin, readable by its owner only; its one context is <paramref name="context"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void WriteKubeconfig(string path, string context = "capstan-local")
    {
        static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var text = $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {context}
              cluster:
                server: {Url.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Base64(CertificateAuthorityPem)}
            users:
            - name: {context}
              user:
                client-certificate-data: {Base64(AdminCertificate.ExportCertificatePem())}
                client-key-data: {Base64(AdminCertificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}
            contexts:
            - name: {context}
              context:
                cluster: {context}
                user: {context}
            current-context: {context}

            """;
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
        {
            Directory.CreateDirectory(directory);
        }

        // Made beside and renamed, so that nobody ever reads half of it.
        var part = path + ".part";
        File.Delete(part);
        var access = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new StreamWriter(part, access))
        {
            file.Write(text);
        }

        File.Move(part, path, overwrite: true);
    }

    /// <summary>Forgets the changes so far: a watch or list from an older resourceVersion is answered with 410, as after a long time.</summary>
    public void Compact() => _store.Compact();

    /// <summary>Ends all watches at once, lets other requests finish for half a second, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _availability.DisposeAsync();
        using (var patience = new CancellationTokenSource(StopTimeout))
        {
            await _listener.StopAsync(patience.Token);
        }

        await _listener.DisposeAsync();
        await _store.DisposeAsync();
        _aggregator.Dispose();
        AdminCertificate.Dispose();
        await _identity.DisposeAsync();
        _stopping.Dispose();
    }
}
