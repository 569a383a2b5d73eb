using System.CommandLine;
using Capstan.Tool.Load.Work;

namespace Capstan.Tool.Load;

/// <summary>The command line of <c>capstan load</c>.</summary>
internal static class LoadCommand
{
    private const string DatabaseNamespace = "postgres-operator-system";

    private const string About = """

        The objects go into namespaces of their own (capstan-load-...), which are deleted at the end, also after Ctrl-C; a second Ctrl-C leaves them.
        A cluster must be marked for it, as "capstan local" marks its own: kubectl label namespace kube-system capstan.dev/load=allowed; or --yes.

        Times run from before a request is sent until a watch sees the object Completed (or Ready, corrected, gone). Calls, processor time and memory are the
        operator's own metrics, of all its replicas; the API server's count stands beside them and has everybody's calls, those of this tool too.
        Exit code: 0 all was done; 1 something was not, or the cluster cannot be reached or is not marked; 2 the command line is wrong.

        """;

    private const string TemplatesExamples = """
          capstan load templates --count 1000 --resources 2
              a thousand templates of two ConfigMaps each, as fast as 16 clients can
          capstan load templates --count 5000 --rate 50 --namespaces 20
              fifty a second over twenty namespaces: the latency of an operator that is not at its limit
          capstan load templates --count 5000 --before-start --idle 60 -o json > report.json
              all stored while the operator's Deployment has no replicas; time runs from its start. Then a minute in which nothing should happen
          capstan load templates --metrics-url http://127.0.0.1:8080/metrics
              an operator that runs by hand, beside the cluster

        """;

    private const string ChurnExamples = """
          capstan load churn --duration 300 --rate 40
              five minutes of forty operations a second over 500 templates: of ten two make a template, six change one, two delete one
          kubectl get hpa -n kubetemplater-system -w
              beside it: the operator's replicas follow the load

        """;

    private const string DriftExamples = """
          capstan load drift --count 1000 --drifts 500 --rate 20
              of the objects of a thousand templates twenty a second are changed or deleted by somebody else; how long until each is right again

        """;

    private const string WebhookExamples = """
          capstan load webhook --rate 100 --duration 30 --resources 20
              a hundred admission requests a second for templates of twenty objects, as dry runs: nothing is stored

        """;

    private const string DatabasesExamples = """
          capstan load databases --count 50
              fifty Databases of one server each, until all are Ready; with --pods process (the default of capstan local) each is a PostgreSQL on this machine
          capstan load databases --count 1000 --namespaces 10
              for a cluster with simulated pods, whose operator runs with --connect=false

        """;

    /// <summary>Builds the command with its kinds of load.</summary>
    /// <param name="examples">Filled with their examples.</param>
    public static Command Create(Dictionary<Command, string> examples)
    {
        var command = new Command("load", "Load a cluster and its operators, and report how they bear it.");
        Add(Templates(), TemplatesExamples);
        Add(Churn(), ChurnExamples);
        Add(Drift(), DriftExamples);
        Add(Webhook(), WebhookExamples);
        Add(Databases(), DatabasesExamples);
        examples[command] = $"{string.Join('\n', command.Subcommands.Select(one => examples[one].Replace(About, "", StringComparison.Ordinal)))}{About}";
        return command;

        void Add(Command one, string text)
        {
            command.Add(one);
            examples[one] = $"{text}{About}";
        }
    }

    private static Command Templates()
    {
        var (count, resources, rate) = (Count("KubeTemplates to make.", 1000), Resources(), LoadArguments.RateOption(0));
        var beforeStart = new Option<bool>("--before-start") { Description = "Store all while the operator's Deployment has no replicas, then start it: the time of a start with much to do." };
        var command = new Command("templates", "Make many KubeTemplates, and see how fast they are completed.") { count, resources, rate, beforeStart };
        var load = new LoadArguments(command, KubeTemplater.Manifests.Namespace);
        command.SetAction((parsed, _) => load.RunAsync(
            parsed,
            "templates",
            options => options with { Count = parsed.GetValue(count), Resources = parsed.GetValue(resources), Rate = parsed.GetValue(rate), BeforeStart = parsed.GetValue(beforeStart) },
            TemplatesLoad.RunAsync));
        return command;
    }

    private static Command Churn()
    {
        var (count, resources, rate, duration) = (Count("KubeTemplates in stock.", 500), Resources(), LoadArguments.RateOption(20), Duration(60));
        var command = new Command("churn", "Make, change and delete KubeTemplates in a steady mix for a time.") { count, resources, rate, duration };
        var load = new LoadArguments(command, KubeTemplater.Manifests.Namespace);
        command.SetAction((parsed, _) => load.RunAsync(
            parsed,
            "churn",
            options => options with { Count = parsed.GetValue(count), Resources = parsed.GetValue(resources), Rate = parsed.GetValue(rate), Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)) },
            ChurnLoad.RunAsync));
        return command;
    }

    private static Command Drift()
    {
        var (count, resources, rate) = (Count("KubeTemplates to make first.", 500), Resources(), LoadArguments.RateOption(20));
        var drifts = LoadArguments.Whole("--drifts", "Objects to change or delete, in turn.", 500, 1, 1_000_000);
        var command = new Command("drift", "Change and delete what KubeTemplates made, and see how soon it is put right.") { count, resources, rate, drifts };
        var load = new LoadArguments(command, KubeTemplater.Manifests.Namespace);
        command.SetAction((parsed, _) => load.RunAsync(
            parsed,
            "drift",
            options => options with { Count = parsed.GetValue(count), Resources = parsed.GetValue(resources), Rate = parsed.GetValue(rate), Drifts = parsed.GetValue(drifts) },
            DriftLoad.RunAsync));
        return command;
    }

    private static Command Webhook()
    {
        var (resources, rate, duration) = (Resources(), LoadArguments.RateOption(100), Duration(30));
        var command = new Command("webhook", "Send admission requests at a rate, as dry runs that store nothing.") { resources, rate, duration };
        var load = new LoadArguments(command, KubeTemplater.Manifests.Namespace);
        command.SetAction((parsed, _) => load.RunAsync(
            parsed,
            "webhook",
            options => options with { Resources = parsed.GetValue(resources), Rate = parsed.GetValue(rate), Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)) },
            WebhookLoad.RunAsync));
        return command;
    }

    private static Command Databases()
    {
        var (count, rate) = (Count("Databases to make.", 50), LoadArguments.RateOption(0));
        var command = new Command("databases", "Make many Databases, and see how fast they are ready.") { count, rate };
        var load = new LoadArguments(command, DatabaseNamespace);
        command.SetAction((parsed, _) => load.RunAsync(
            parsed, "databases", options => options with { Count = parsed.GetValue(count), Rate = parsed.GetValue(rate) }, DatabasesLoad.RunAsync, needsPolicies: false));
        return command;
    }

    private static Option<int> Count(string description, int otherwise) => LoadArguments.Whole("--count", description, otherwise, 1, 1_000_000);

    private static Option<int> Resources() => LoadArguments.Whole("--resources", "ConfigMaps of each template.", 2, 1, 50);

    private static Option<int> Duration(int otherwise) => LoadArguments.Whole("--duration", "Seconds that it goes on.", otherwise, 1, 86_400);
}
