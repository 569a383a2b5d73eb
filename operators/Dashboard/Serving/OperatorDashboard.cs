using Capstan.Dashboard.Metrics;
using Microsoft.AspNetCore.Http;

namespace Capstan.Dashboard.Serving;

/// <summary>The page at the address of an operator's metrics. The files of the page are for anybody who can connect; its data are for those who may <c>get</c> the
/// non-resource URL <c>/dashboard</c>, and trees show what the reader may read, since they are asked for with the reader's own token.</summary>
internal sealed class OperatorDashboard
{
    /// <summary>Where it is, and the right that its data need.</summary>
    public const string Path = "/dashboard";

    private const string DataPath = $"{Path}/data";

    private readonly MetricsHistory _history;
    private Operator? _operator;

    private OperatorDashboard(TimeProvider time) => _history = new(PagesAsync, time);

    /// <summary>Adds it to an operator.</summary>
    /// <param name="builder">The operator, whose informers have not begun.</param>
    /// <param name="data">Makes what there is to show.</param>
    /// <param name="time">Clock.</param>
    /// <returns>To be told of the operator once that is built.</returns>
    public static OperatorDashboard AddTo(OperatorBuilder builder, Func<MetricsHistory, DashboardData> data, TimeProvider time)
    {
        var dashboard = new OperatorDashboard(time);
        var known = Task.FromResult(data(dashboard._history));
        var routes = new DataRoutes(_ => known, request => (AsReader(builder.Client, request), true));
        builder.AddMetricsServerExtraHandler(Path, context => PageFiles.ServeAsync(context, Path), accessPath: null);
        builder.AddMetricsServerExtraHandler(DataPath, context => routes.ServeAsync(context, DataPath), accessPath: Path);
        builder.AddRunnable(dashboard._history.RunAsync);
        return dashboard;
    }

    /// <summary>Shows this operator's metrics from now on.</summary>
    public void Observe(Operator built) => Volatile.Write(ref _operator, built);

    private Task<IReadOnlyList<(string Replica, string Page)>> PagesAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<(string, string)>>(Volatile.Read(ref _operator) is { } built ? [(Environment.MachineName, built.RenderMetrics())] : []);

    /// <summary>A client with nothing but the token of the request: none of the operator's own credentials.</summary>
    private static KubeClient AsReader(KubeClient own, HttpRequest request) => new(
        new KubeConfig
        {
            Server = own.Config.Server,
            Source = "a reader of the dashboard",
            CertificateAuthority = own.Config.CertificateAuthority,
            CertificateAuthorityFile = own.Config.CertificateAuthorityFile,
            TlsServerName = own.Config.TlsServerName,
            InsecureSkipTlsVerify = own.Config.InsecureSkipTlsVerify,
            ProxyUrl = own.Config.ProxyUrl,
            Token = request.Headers.Authorization.ToString().Trim().Split(' ', 3)[1],
        },
        new KubeClientOptions { UserAgent = own.Options.UserAgent, MaxTries = 2, RequestTimeout = TimeSpan.FromSeconds(10) });
}
