namespace Capstan.Cel.Bench;

/// <summary>One expression. <paramref name="Name"/> is what filters and tables call it.</summary>
internal sealed record BenchCase(string Name, string Expression)
{
    public bool UsesObject => Expression.Contains("object", StringComparison.Ordinal);

    public override string ToString() => Name;
}

/// <summary>What is measured: policies over a Deployment, the kinds of expression that cel-go measures itself with, and those of other CEL libraries.</summary>
internal static class BenchCases
{
    /// <summary>Values of the variables besides <c>object</c>, as JSON.</summary>
    public const string Variables =
        """{"string_value":"value","list_value":["abc","bcd","cde","def"],"x":"c","a":"text","b":" more","n":7,"numbers":NUMBERS,"name":"hello world"}""";

    public static IReadOnlyList<BenchCase> Evaluated { get; } =
    [
        new("field", "object.spec.replicas <= 20"),
        new("text", "object.metadata.labels.team == 'checkout'"),
        new("has", "has(object.metadata.labels) && has(object.metadata.labels.app)"),
        new("all-has", "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits))"),
        new("exists-matches", "object.spec.template.spec.containers.exists(c, c.image.matches('^registry\\\\.example\\\\.com/shop/c0:'))"),
        new("filter-size", "object.spec.template.spec.containers.filter(c, c.securityContext.privileged).size() == 0"),
        new("concatenation", "object.metadata.namespace + '/' + object.metadata.name == 'shop/web'"),
        new("ternary", "(has(object.spec.paused) ? 0 : object.spec.replicas) >= 1"),
        new("in-literals", "object.spec.template.spec.dnsPolicy in ['Default', 'ClusterFirst', 'None']"),
        new("in-map", "'app.kubernetes.io/name' in object.metadata.labels"),
        new("index", "object.spec.template.spec.containers[0].ports[0].containerPort == 8080"),
        new("nested", "object.spec.template.spec.containers.all(c, c.ports.all(p, p.containerPort > 1024 && p.protocol == 'TCP'))"),
        new("map-keys", "object.metadata.labels.all(k, k.size() <= 63)"),
        new("error-absorbed", "object.spec.missing == 1 || object.spec.replicas == 3"),
        new("optional", "object.?spec.?paused.orValue(false) == false"),
        new("go-equal", "string_value == 'value'"),
        new("go-in", "x in ['a', 'b', 'c', 'd']"),
        new("go-in-list", "'cde' in list_value"),
        new("go-exists-contains", "list_value.exists(e, e.contains('cd'))"),
        new("go-exists-startsWith", "list_value.exists(e, e.startsWith('cd'))"),
        new("go-exists-matches", "list_value.exists(e, e.matches('cd*'))"),
        new("go-filter-matches", "list_value.filter(e, e.matches('^cd+')) == ['cde']"),
        new("go-format", "'formatted list: %s, size: %d'.format([dyn(['abc', 'cde']), dyn(2)]) != ''"),
        new("go-dyn-add", "dyn(a) + dyn(b) == 'text more'"),
        new("celly-simple", "n + 1 > 3 && name.startsWith('h')"),
        new("celly-pipeline", "numbers.filter(i, i % 2 == 0).map(i, i * i).exists(i, i > 9000)"),
        new("celly-text-math", "(name + '!').size() * 2 + n * 3 > 40"),
        new("ints", "n * 3 + 4 - 2 > 10 && n % 2 == 1"),
        new("set-literal", "object.metadata.labels.exists_one(k, k == 'team')"),
    ];

    /// <summary>What a cluster might ask of a Deployment; all hold for all three documents.</summary>
    public static IReadOnlyList<BenchCase> Policies { get; } =
    [
        .. new[]
        {
            "object.spec.replicas <= 20",
            "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits))",
            "object.spec.template.spec.containers.all(c, !c.image.endsWith(':latest'))",
            "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
            "has(object.metadata.labels) && has(object.metadata.labels.team)",
            "object.spec.template.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)",
            "has(object.spec.template.spec.securityContext) && object.spec.template.spec.securityContext.runAsNonRoot == true",
            "!has(object.spec.template.spec.hostNetwork) || object.spec.template.spec.hostNetwork == false",
            "!has(object.spec.template.spec.volumes) || object.spec.template.spec.volumes.all(v, !has(v.hostPath))",
            "object.metadata.namespace != 'default'",
            "object.spec.template.spec.containers.all(c, has(c.resources.limits.memory) && has(c.resources.requests.memory))",
            "object.spec.strategy.type in ['RollingUpdate', 'Recreate']",
            "object.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            "object.spec.template.spec.containers.all(c, !has(c.ports) || c.ports.all(p, p.containerPort >= 1024))",
            "object.spec.template.metadata.labels.app == object.spec.selector.matchLabels.app",
            "object.spec.template.spec.containers.all(c, c.securityContext.capabilities.drop.exists(d, d == 'ALL'))",
        }.Select((e, i) => new BenchCase($"policy-{i + 1:D2}", e)),
    ];

    /// <summary>The variables, with a list of 100 numbers.</summary>
    public static byte[] VariablesJson { get; } =
        System.Text.Encoding.UTF8.GetBytes(Variables.Replace("NUMBERS", $"[{string.Join(',', Enumerable.Range(0, 100))}]", StringComparison.Ordinal));
}
