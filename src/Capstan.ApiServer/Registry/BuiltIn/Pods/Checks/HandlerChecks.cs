using System.Text.RegularExpressions;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of probes, and of what is done when a container has started or is to stop.</summary>
internal static partial class HandlerChecks
{
    private static readonly string[] OfProbes = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] OfLifecycle = ["exec", "httpGet", "tcpSocket", "sleep"];
    private static readonly string[] Numbers = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
    private static readonly string[] WindowsSignals = ["SIGKILL", "SIGTERM"];
    private static readonly string[] LinuxSignals =
    [
        "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGIOT", "SIGKILL", "SIGPIPE", "SIGPOLL", "SIGPROF",
        "SIGPWR", "SIGQUIT", "SIGRTMAX", .. Enumerable.Range(1, 14).Select(i => $"SIGRTMAX-{i}"), "SIGRTMIN", .. Enumerable.Range(1, 15).Select(i => $"SIGRTMIN+{i}"),
        "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ",
    ];

    /// <summary>The three probes.</summary>
    public static void CheckProbes(Place container, PodScope scope)
    {
        CheckProbe(container["livenessProbe"], scope, once: true);
        CheckProbe(container["readinessProbe"], scope, once: false);
        CheckProbe(container["startupProbe"], scope, once: true);
    }

    /// <summary>What is done after the start and before the stop.</summary>
    public static void CheckLifecycle(Place lifecycle, PodScope scope)
    {
        foreach (var when in (string[])["postStart", "preStop"])
        {
            if (lifecycle[when].Exists)
            {
                CheckHandler(lifecycle[when], OfLifecycle, scope);
            }
        }

        var signal = lifecycle["stopSignal"];
        if (!signal.Exists)
        {
            return;
        }

        var os = scope.Spec["os"];
        if (!os.Exists)
        {
            signal.Forbidden("may not be set for containers with empty `spec.os.name`");
        }
        else if (os["name"].Text is "windows" or "linux")
        {
            signal.OneOf(os["name"].Text == "windows" ? WindowsSignals : LinuxSignals.Order(StringComparer.Ordinal));
        }
    }

    private static void CheckProbe(Place probe, PodScope scope, bool once)
    {
        if (!probe.Exists)
        {
            return;
        }

        CheckHandler(probe, OfProbes, scope);
        foreach (var number in Numbers)
        {
            probe[number].NotNegative();
        }

        var grace = probe["terminationGracePeriodSeconds"];
        if (grace.Exists && grace.Number <= 0)
        {
            grace.Invalid("must be greater than 0");
        }

        if (once && probe["successThreshold"].Number != 1)
        {
            probe["successThreshold"].Invalid(probe["successThreshold"].Number, "must be 1");
        }

        if (!once && grace.Exists)
        {
            grace.Invalid("must not be set for readinessProbes");
        }
    }

    private static void CheckHandler(Place handlers, string[] kinds, PodScope scope)
    {
        var given = kinds.Where(kind => handlers[kind].Exists).ToList();
        for (var i = 0; i < given.Count; i++)
        {
            var handler = handlers[given[i]];
            if (i > 0)
            {
                handler.Forbidden("may not specify more than 1 handler type");
            }
            else
            {
                CheckOne(handler, given[i], scope);
            }
        }

        if (given.Count == 0)
        {
            handlers.Required("must specify a handler type");
        }
    }

    private static void CheckOne(Place handler, string kind, PodScope scope)
    {
        switch (kind)
        {
            case "exec" when handler["command"].Count == 0:
                handler["command"].Required();
                break;
            case "httpGet":
                CheckGet(handler);
                break;
            case "tcpSocket":
                handler["port"].PortNumberOrName();
                break;
            case "grpc":
                handler["port"].PortNumber();
                break;
            case "sleep" when scope.Grace is { } grace && (handler["seconds"].Number < 0 || handler["seconds"].Number > grace):
                handler.Invalid(handler["seconds"].Number, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                break;
        }
    }

    private static void CheckGet(Place get)
    {
        if (!get["path"].HasText)
        {
            get["path"].Required();
        }

        get["port"].PortNumberOrName();
        get["scheme"].OneOf("HTTP", "HTTPS");
        foreach (var name in get["httpHeaders"].Items.Select(h => h["name"].Text).Where(n => !HeaderName().IsMatch(n)))
        {
            get["httpHeaders"].Invalid(name, Naming.Mismatch("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name"));
        }
    }

    [GeneratedRegex(@"^[-A-Za-z0-9]+\z")]
    private static partial Regex HeaderName();
}
