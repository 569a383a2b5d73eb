using System.Text.Json.Nodes;

namespace EndToEnd.Tests.Programs;

/// <summary>kubectl as a person runs it: its default flags, a home of its own, one namespace as default.</summary>
internal sealed class Kubectl(string program, string kubeconfig, string home, string @namespace)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The namespace of every command that names none.</summary>
    public string Namespace => @namespace;

    /// <summary>The same in another namespace.</summary>
    public Kubectl In(string other) => new(program, kubeconfig, home, other);

    /// <summary>Runs to the end, well or not.</summary>
    public Task<KubectlResult> TryAsync(params string[] arguments) => RunAsync(arguments, null, null);

    /// <summary>Runs with standard input, well or not.</summary>
    public Task<KubectlResult> TryWithAsync(string input, params string[] arguments) => RunAsync(arguments, input, null);

    /// <summary>Runs with more environment, well or not.</summary>
    public Task<KubectlResult> TryInAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) => RunAsync(arguments, null, environment);

    /// <summary>Runs, expects exit code 0, and returns standard output without its last line end.</summary>
    public async Task<string> DoAsync(params string[] arguments) => (await TryAsync(arguments)).Success().Out;

    /// <summary>Runs with standard input, expects exit code 0, and returns standard output.</summary>
    public async Task<string> DoWithAsync(string input, params string[] arguments) => (await TryWithAsync(input, arguments)).Success().Out;

    /// <summary>Reads one object.</summary>
    public async Task<JsonObject> GetAsync(string kind, string name) => (JsonObject)JsonNode.Parse(await DoAsync("get", kind, name, "-o", "json", "--show-managed-fields"))!;

    /// <summary>Evaluates a JSON path on one object.</summary>
    public Task<string> FieldAsync(string kind, string name, string path) => DoAsync("get", kind, name, "-o", $"jsonpath={{{path}}}");

    /// <summary>Starts a command that goes on, such as <c>get -w</c>.</summary>
    public RunningProcess Start(params string[] arguments) => RunningProcess.Start(program, WithNamespace(arguments), Variables(null));

    /// <summary>Starts a command that goes on, with what somebody has typed so far.</summary>
    public RunningProcess StartTyping(string typed, params string[] arguments) => RunningProcess.Start(program, WithNamespace(arguments), Variables(null), input: typed, keepsInput: true);

    private async Task<KubectlResult> RunAsync(string[] arguments, string? input, IReadOnlyDictionary<string, string>? environment)
    {
        await using var process = RunningProcess.Start(program, WithNamespace(arguments), Variables(environment), input: input);
        var code = await process.ExitAsync(Patience, TestContext.Current.CancellationToken);
        return new KubectlResult(string.Join(' ', arguments), code, process.Out, process.Err);
    }

    private string[] WithNamespace(string[] arguments) =>
        arguments.Contains("-A") || arguments.Contains("-n") ? arguments : ["-n", @namespace, .. arguments];

    private Dictionary<string, string> Variables(IReadOnlyDictionary<string, string>? more)
    {
        var variables = new Dictionary<string, string> { ["KUBECONFIG"] = kubeconfig, ["HOME"] = home, ["LC_ALL"] = "C", ["COLUMNS"] = "200" };
        foreach (var (name, value) in more ?? variables)
        {
            variables[name] = value;
        }

        return variables;
    }
}

/// <summary>How a kubectl command ended.</summary>
internal sealed record KubectlResult(string Command, int Code, string Out, string Err)
{
    /// <summary>Itself, once the exit code is known to be 0.</summary>
    public KubectlResult Success() => Code == 0 ? this : throw new InvalidOperationException(ToString());

    /// <summary>Itself, once the command is known to have failed with an error that says <paramref name="text"/>.</summary>
    public KubectlResult Refused(string text)
    {
        Assert.True(Code != 0, $"should have failed: {this}");
        Assert.Contains(text, Err, StringComparison.Ordinal);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"kubectl {Command}\nexit code {Code}\noutput:\n{Out}\nerrors:\n{Err}";
}
