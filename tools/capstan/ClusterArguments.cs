using System.CommandLine;
using System.Net.Sockets;

namespace Capstan.Tool;

/// <summary>The options by which a command finds its cluster, named as kubectl names them.</summary>
/// <param name="objects">What it looks for there, for the help.</param>
internal sealed class ClusterArguments(string objects = "objects")
{
    /// <summary>Kubeconfig file.</summary>
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: KUBECONFIG, then the pod's service account, then ~/.kube/config.",
        HelpName = "FILE",
    };

    /// <summary>One of its contexts.</summary>
    public Option<string?> Context { get; } = new("--context") { Description = "Context of the kubeconfig. Default: its current one.", HelpName = "NAME" };

    /// <summary>Namespace of the objects.</summary>
    public Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = $"Namespace of the {objects}. Default: that of the context.", HelpName = "NAMESPACE" };

    /// <summary>Gives all of them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Namespace);
        AddServerTo(command);
    }

    /// <summary>Gives those of the server to a command that has namespaces of its own.</summary>
    public void AddServerTo(Command command)
    {
        command.Add(Kubeconfig);
        command.Add(Context);
    }

    /// <summary>Does something with the cluster; a signal cancels it.</summary>
    /// <exception cref="CannotRunException">The cluster cannot be found or reached, or refused; or a signal came.</exception>
    public async Task<int> UseAsync(ParseResult parsed, Func<KubeClient, string, CancellationToken, Task<int>> work)
    {
        using var signals = new TerminationSignals();
        try
        {
            var config = KubeConfig.Load(parsed.GetValue(Kubeconfig), parsed.GetValue(Context));
            using var client = new KubeClient(config, new() { UserAgent = "capstan" });
            return await work(client, parsed.GetValue(Namespace) ?? config.Namespace ?? "default", signals.Stopping);
        }
        catch (Exception fault) when (fault is KubeConfigException or HttpRequestException or TimeoutException or IOException or SocketException)
        {
            throw new CannotRunException(fault.Message, fault);
        }
        catch (ApiException refused)
        {
            throw new CannotRunException(refused.Status.Message ?? refused.Message, refused);
        }
        catch (OperationCanceledException stopped) when (signals.Stopping.IsCancellationRequested)
        {
            throw new CannotRunException("stopped by a signal", stopped);
        }
    }
}
