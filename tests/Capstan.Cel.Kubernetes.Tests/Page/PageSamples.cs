using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Admission;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Tests.Page;

/// <summary>The code of <c>docs/cel.md</c>: each region is a sample there, word for word. What it gives is asserted behind it.</summary>
public sealed class PageSamples
{
    private static readonly byte[] Deployment = """
        {"metadata":{"name":"web"},"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"a","image":"reg/a:1"}]}}}}
        """u8.ToArray();

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public void Quick_start()
    {
        var utf8 = Deployment;

        #region quick start
        var environment = KubernetesEnvironment.Default.WithVariable("object", CelType.Dyn);   // once
        var program = environment.Compile("object.spec.replicas <= 5");                        // once for each expression

        var document = CelDocument.Parse(utf8);                                                // for each object
        var result = program.Evaluate([CelValue.Of(document)]);
        var verdict = result.IsError ? result.Value.ErrorMessage : result.Value.Bool.ToString();
        #endregion

        Assert.Equal("True", verdict);
    }

    [Fact]
    public void Diagnostics()
    {
        var output = new List<string>();

        #region diagnostics
        var environment = CelEnvironment.Kubernetes.WithVariable("name", CelType.String);
        if (!environment.TryCompile("name.size() > 3 &&\n  name > 3", out var program, out var diagnostics))
        {
            output.Add(diagnostics.ToString());
        }
        #endregion

        Assert.Null(program);
        Assert.Equal("ERROR: <input>:2:8: found no matching overload for '_>_' applied to '(string, int)'\n |   name > 3\n | .......^", Assert.Single(output));
    }

    [Fact]
    public void An_error()
    {
        var program = CelEnvironment.Kubernetes.WithVariable("object", CelType.Dyn).Compile("object.spec.paused == true");
        var value = CelValue.Of(JsonNode.Parse(Deployment));
        var output = new List<string>();

        #region explain
        var result = program.Evaluate([value]);
        if (result.IsError)
        {
            output.Add(program.Explain(result.Value).ToString());
        }
        #endregion

        Assert.Equal("ERROR: <input>:1:12: no such key: paused\n | object.spec.paused == true\n | ...........^", Assert.Single(output));
    }

    [Fact]
    public void Own_types()
    {
        #region typed objects
        var containers = new CelObjectReader<Container>("example.Container")
            .Field("name", CelType.String, c => CelValue.Of(c.Name))
            .List("args", CelType.String, c => c.Args, CelValue.Of);
        var pods = new CelObjectReader<Pod>("example.Pod")
            .Field("node", CelType.String, p => p.Node is null ? default : CelValue.Of(p.Node))   // default: it does not have one
            .List("containers", containers, p => p.Containers)
            .Map("labels", CelType.String, p => p.Labels, CelValue.Of);

        var program = CelEnvironment.Kubernetes.WithVariable("pod", pods.Type)
            .Compile("!has(pod.node) && pod.containers.exists(c, '--verbose' in c.args) && pod.labels.app == 'web'");
        var result = program.Evaluate([pods.Of(new Pod(null, [new("a", ["--verbose"])], new Dictionary<string, string> { ["app"] = "web" }))]);
        #endregion

        Assert.Equal("true", result.Value.ToString());
        Assert.False(program.Environment.TryCompile("pod.containers[0].nam == ''", out _, out var diagnostics));
        Assert.Contains("undefined field 'nam'", diagnostics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Own_functions()
    {
        #region functions
        var environment = CelEnvironment.Kubernetes
            .WithFunction("isEven", "(int) -> bool", a => CelValue.Of(a[0].Int % 2 == 0))
            .WithFunction("initials", "string.() -> string", a => CelValue.Of(string.Concat(a[0].String.Split(' ').Select(word => word[..1]))));
        var result = environment.Compile("'Ada Lovelace'.initials() == 'AL' && isEven(4)").Evaluate([]);
        #endregion

        Assert.True(result.Value.Bool);
        Assert.False(environment.TryCompile("isEven('a')", out _, out _));
    }

    [Fact]
    public void Limits()
    {
        var items = CelValue.Of(CelList.Of([.. Enumerable.Range(0, 2000).Select(i => CelValue.Of((long)i))]));
        var program = CelEnvironment.Kubernetes.WithVariable("items", CelType.List(CelType.Int)).Compile("items.all(x, items.all(y, x + y >= 0))");

        #region limits
        var result = program.Evaluate([items], new CelLimits { Cost = CelBudgets.Call, Cancellation = CancellationToken });
        #endregion

        Assert.Equal("operation cancelled: actual cost limit exceeded", result.Value.ErrorMessage);
        Assert.InRange(result.Cost, CelBudgets.Call + 1, CelBudgets.Call + 100);
    }

    [Fact]
    public void Estimates()
    {
        #region estimate
        var program = KubernetesEnvironment.Default
            .WithVariable("names", CelType.List(CelType.String))
            .Compile("names.all(n, n.startsWith('a'))");
        var anything = program.EstimateCost();                                                                 // nobody knows how long the list is
        var bounded = program.EstimateCost(new Dictionary<string, long> { ["names"] = 10, ["names.@items"] = 63 });   // 10 names of 63 characters
        #endregion

        Assert.Equal(ulong.MaxValue, anything.Max);
        Assert.InRange(bounded.Max, 10UL, 1000UL);
    }

    [Fact]
    public void Cache()
    {
        var environment = KubernetesEnvironment.Default.WithVariable("object", CelType.Dyn);
        var value = CelValue.Of(JsonNode.Parse(Deployment));

        #region cache
        var cache = new CelProgramCache(capacity: 1024);
        var result = cache.Get(environment, "object.spec.replicas <= 5").Evaluate([value]);
        #endregion

        Assert.True(result.Value.Bool);
        Assert.Same(cache.Get(environment, "object.spec.replicas <= 5"), cache.Get(environment, "object.spec.replicas <= 5"));
    }

    [Fact]
    public void Rules_of_a_schema()
    {
        #region schema rules
        var schema = SchemaReader.FromOpenApiV3(JsonNode.Parse("""
            {
              "type": "object",
              "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}},
              "x-kubernetes-validations": [
                {"rule": "self.min <= self.max", "messageExpression": "'min is ' + string(self.min - self.max) + ' too large'"},
                {"rule": "self.max >= oldSelf.max", "message": "max must not shrink"}
              ]
            }
            """)!.AsObject());
        var rules = SchemaRules.Compile(schema, isResource: false);       // rules.Faults: why a CustomResourceDefinition would be refused
        var created = rules.Validate(JsonNode.Parse("""{"min": 5, "max": 3}"""));
        var updated = rules.Validate(JsonNode.Parse("""{"min": 1, "max": 3}"""), oldSelf: JsonNode.Parse("""{"min": 1, "max": 4}"""));
        #endregion

        Assert.Empty(rules.Faults);
        Assert.Contains("min is 2 too large", Assert.Single(created.Errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("max must not shrink", Assert.Single(updated.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Policies()
    {
        #region policy
        var policy = AdmissionPolicy.Compile(new AdmissionPolicySource
        {
            Variables = [new("images", "object.spec.template.spec.containers.map(c, c.image)")],
            Validations =
            [
                new("variables.images.all(i, i.startsWith('reg/'))") { MessageExpression = "'not from our registry: ' + variables.images.join(', ')" },
                new("object.spec.replicas >= 5") { Message = "at least 5 replicas" },
            ],
        });                                                               // policy.Faults: expressions that do not compile
        var verdict = policy.Evaluate(new AdmissionInput { Object = CelValue.Of(JsonNode.Parse(Deployment)) }, cancellation: CancellationToken);
        #endregion

        Assert.Empty(policy.Faults);
        Assert.False(verdict.IsAdmitted);
        Assert.Equal([AdmissionOutcome.Admit, AdmissionOutcome.Deny], verdict.Decisions.Select(d => d.Outcome));
        Assert.Equal("at least 5 replicas", verdict.Decisions[1].Message);
    }

    private sealed record Container(string Name, string[] Args);

    private sealed record Pod(string? Node, IReadOnlyList<Container> Containers, IReadOnlyDictionary<string, string> Labels);
}
