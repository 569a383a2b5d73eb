using System.Globalization;
using System.Net.Sockets;
using Capstan.ApiServer;
using Capstan.Cluster;
using Capstan.Cluster.Manifests;
using Capstan.Cluster.Metrics;
using Capstan.Cluster.Node;
using Capstan.Cluster.Proxy;
using Capstan.Diagnostics;
using Capstan.Tool.Load;
using Capstan.Tool.Local.Dashboards;
using Capstan.Tool.Local.Operators;
using Capstan.Tool.Local.Templates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Capstan.Tool.Local;

/// <summary>What <c>capstan local</c> does: everything is started in one order, runs until a signal, and is stopped in the reverse order.</summary>
internal sealed class LocalRun(LocalOptions options, IAnsiConsole console, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Runs until SIGINT, SIGTERM or SIGHUP.</summary>
    /// <exception cref="CannotRunException">It cannot start, or a part of it ended by itself; everything has been stopped.</exception>
    public async Task<int> RunAsync()
    {
        using var signals = new TerminationSignals();
        using var logs = ConsoleLog.CreateFactory(LogLevel.Warning);
        using var closing = new CancellationTokenSource();
        await using var parts = new StopStack();
        try
        {
            await RunAsync(parts, logs, new ClosingLogs(logs, closing.Token), signals.Stopping);
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (signals.Stopping.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }
        catch (Exception cause) when (cause is ApiException or OperatorException or KindNotServedException or TimeoutException or HttpRequestException or FormatException)
        {
            throw new CannotRunException(cause.Message, cause);
        }
        finally
        {
            await closing.CancelAsync();
        }
    }

    private async Task RunAsync(StopStack parts, ILoggerFactory serverLogs, ILoggerFactory logs, CancellationToken stop)
    {
        // 1. What a person may have got wrong, before anything runs.
        var kubeconfig = KubeconfigFile.Check(options.Kubeconfig);
        var samples = SampleManifests.Read(options);

        // 2. The API server: everything else is its client. Beside it, what will be applied is read.
        var ground = Task.Run(() => LocalOperator.All.SelectMany(known => known.Read(known.Ground)).ToList(), CancellationToken.None);
        var server = parts.Add(await StartServerAsync(serverLogs, stop));

        // 3. The kubeconfig, as soon as there is something behind it.
        KubeconfigFile.Write(kubeconfig, server);
        var client = parts.Closing(new KubeClient(KubeConfig.Load(kubeconfig, KubeconfigFile.Context), new KubeClientOptions { UserAgent = "capstan-local" }));

        // 4. The kinds, the operators' namespaces and their accounts with the rights that they ship: also for one that runs beside us by itself.
        var installer = new ManifestInstaller(client, "capstan-local");
        await ForgetEarlierRunAsync(new EarlierRun(client, installer), stop);
        var installing = installer.ApplyAsync(await ground, stop);

        // 5. Meanwhile the cluster's own controllers, and the node: from now on namespaces can be deleted, and pods run. What stops first is remembered last: pods end
        //    while their Services still answer.
        var controllers = parts.Start(() => RunningOperator.StartAsync(ClusterControllers.Build(client, logs), stop));
        var hasNode = options.Pods != PodMode.None;
        var proxy = hasNode ? parts.Start(() => ServiceProxy.StartAsync(client, new ServiceProxyOptions { Logs = logs }, stop)) : null;
        var node = hasNode ? parts.Start(() => LocalNode.StartAsync(client, NodeOptions(kubeconfig, logs), stop)) : null;
        await installing;
        await LoadPermission.MarkAsync(client, stop);

        // 6. The first operator: its pods are there when the node is. Templates come before admission, for one of them shows what a template looks like that has failed.
        var operators = options.Operators.Select(known => new OperatorStart(known, options, client, installer)).ToList();
        var first = operators.FirstOrDefault();
        await (first?.BeginAsync(parts, node, logs, stop) ?? Task.CompletedTask);
        await installer.ApplyAsync(samples.Where(sample => !LocalOperator.Database.Owns(sample)), stop);
        List<Task> cluster = [(await controllers).Ended, .. hasNode ? (Task[])[(await proxy!).Ended, (await node!).Ended] : []];
        await (first?.ReadyAsync(stop) ?? Task.CompletedTask);

        // 7. Then what takes processor time from it: who tells what pods use, the other operators, their other replicas. Databases come after admission, for it fills in their
        //    defaults. Until the metrics are served, discovery is not whole: by now the garbage collector has seen the kinds.
        var metrics = hasNode ? parts.Start(() => MetricsServer.StartAsync(client, new MetricsServerOptions { Logs = logs }, stop)) : null;
        foreach (var next in operators.Skip(1))
        {
            await next.BeginAsync(parts, node, logs, stop);
            await next.ReadyAsync(stop);
        }

        await installer.ApplyAsync(samples.Where(LocalOperator.Database.Owns), stop);
        foreach (var start in operators)
        {
            await start.CompleteAsync(stop);
        }

        if (metrics is not null)
        {
            cluster.Add((await metrics).Ended);
        }

        // 8. Ready. The dashboard watches nothing before somebody opens it.
        var dashboard = parts.Add(await LocalDashboard.StartAsync(client, installer, operators, serverLogs, stop));
        TellReady(kubeconfig, server.Url, operators, dashboard.Url);

        // 9. The view, until told to stop, or until a part fails.
        using var viewStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var view = new TemplateView(client, console).RunAsync(viewStop.Token);
        var ended = await Task.WhenAny([view, .. cluster, .. operators.Select(start => start.InProcess?.Ended).OfType<Task>()]);
        await viewStop.CancelAsync();
        await view.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            await ended;
        }
    }

    private async Task ForgetEarlierRunAsync(EarlierRun earlier, CancellationToken stop)
    {
        foreach (var known in options.DataDirectory is null ? [] : LocalOperator.All)
        {
            await earlier.RemoveAsync(known, keepsPods: options.Pods == PodMode.Process && options.Operators.Contains(known), stop);
        }
    }

    private async Task<EmbeddedApiServer> StartServerAsync(ILoggerFactory logs, CancellationToken stop)
    {
        try
        {
            return await EmbeddedApiServer.StartAsync(new ApiServerOptions { Port = options.Port, DataDirectory = options.DataDirectory, Logs = logs, ServiceAccountAdmission = true }, stop);
        }
        catch (DataDirectoryException cause)
        {
            throw new CannotRunException(cause.Message, cause);
        }
        catch (IOException cause) when (cause.InnerException is AddressInUseException)
        {
            throw new CannotRunException($"port {options.Port} of 127.0.0.1 is taken: choose another with --port, or 0 for a free one", cause);
        }
        catch (Exception cause) when (cause is IOException or SocketException)
        {
            throw new CannotRunException($"port {options.Port} of 127.0.0.1 cannot be used: {cause.Message}", cause);
        }
    }

    private LocalNodeOptions NodeOptions(string kubeconfig, ILoggerFactory logs) => new()
    {
        RunProcesses = options.Pods == PodMode.Process,
        StateDirectory = Path.Combine(options.DataDirectory is { } data ? Path.GetFullPath(data) : Path.GetDirectoryName(kubeconfig)!, "node"),
        KeepState = options.DataDirectory is not null,
        ImagesFile = options.Images,
        Logs = logs,
    };

    private void TellReady(string kubeconfig, Uri url, IReadOnlyList<OperatorStart> operators, Uri dashboard)
    {
        var output = console.Profile.Out.Writer;
        output.WriteLine($"kubeconfig     {kubeconfig}");
        output.WriteLine($"API server     {url.GetLeftPart(UriPartial.Authority)}");
        output.WriteLine(options.DataDirectory is { } directory
            ? $"data           {Path.GetFullPath(directory)}"
            : "data           in memory only, and gone at the end (--data-dir DIR keeps it)");
        foreach (var start in operators)
        {
            output.WriteLine($"{start.Known.Name,-15}{(start.InProcess?.Operator is { } inside
                ? $"http://127.0.0.1:{inside.MetricsPort}/metrics http://127.0.0.1:{inside.HealthProbePort}/readyz"
                : $"pods in {start.Known.Account.Namespace}: kubectl get pods,svc -n {start.Known.Account.Namespace} -l control-plane=controller-manager")}");
            if (start.Lacking is { } why)
            {
                output.WriteLine($"               its pods are simulated: {why}");
            }
        }

        output.WriteLine($"dashboard      {dashboard}");
        output.WriteLine($"try            kubectl --kubeconfig {(kubeconfig.Contains(' ', StringComparison.Ordinal) ? $"'{kubeconfig}'" : kubeconfig)} get kubetemplates,databases -A");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready after {time.GetElapsedTime(_start).TotalSeconds:0.0} s; Ctrl-C stops everything"));
        output.Flush();
    }
}
