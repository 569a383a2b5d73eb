using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Scale;

/// <summary>Many templates of two config maps each, spread over twenty namespaces with a policy each.</summary>
internal sealed class ScaleGround(string kubeconfig) : IDisposable
{
    /// <summary>Namespace of the policies and of the operator's Leases.</summary>
    public const string OperatorNamespace = "kubetemplater-scale-system";

    private const int NamespaceCount = 20;

    // Makers at once: enough that the operator never waits for them.
    private const int Makers = 16;

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", false);

    /// <summary>What the operator is told of it.</summary>
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string> { ["OPERATOR_NAMESPACE"] = OperatorNamespace };

    private readonly KubeClient _client = new(KubeConfig.Load(kubeconfig), new() { UserAgent = "bench" });

    public string Kubeconfig => kubeconfig;

    /// <summary>Makes the namespaces and the policies, where they are not there from a run that was broken off.</summary>
    public async Task PrepareAsync()
    {
        await MakeAsync(Namespaces, Parse("{\"metadata\":{\"name\":\"" + OperatorNamespace + "\"}}"));
        for (var i = 0; i < NamespaceCount; i++)
        {
            var name = NamespaceOf(i);
            await MakeAsync(Namespaces, Parse("{\"metadata\":{\"name\":\"" + name + "\"}}"));
            await MakeAsync(KubeTemplatePolicy.Resource, Parse($$$"""
                {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplatePolicy","metadata":{"name":"{{{name}}}","namespace":"{{{OperatorNamespace}}}"},
                 "spec":{"sourceNamespace":"{{{name}}}","validationRules":[{"kind":"ConfigMap","group":"","version":"v1","targetNamespaces":["{{{name}}}"]}]}}
                """));
        }
    }

    /// <summary>Makes templates with numbers from <paramref name="first"/> on.</summary>
    public Task MakeAsync(int first, int count) => Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Makers }, async (number, token) =>
        await MakeAsync(KubeTemplate.Resource, Template(number), token));

    public void Dispose() => _client.Dispose();

    private async Task MakeAsync(ResourceType type, DynamicObject value, CancellationToken cancellationToken = default)
    {
        try
        {
            await _client.CreateAsync(type, value, cancellationToken: cancellationToken);
        }
        catch (ApiException there) when (there.IsAlreadyExists)
        {
        }
    }

    private static string NamespaceOf(int number) => $"team-{number % NamespaceCount}";

    private static DynamicObject Template(int number) => Parse($$$"""
        {"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","metadata":{"name":"t{{{number:d6}}}","namespace":"{{{NamespaceOf(number)}}}"},
         "spec":{"templates":[{"object":{{{Map(number, "a")}}}},{"object":{{{Map(number, "b")}}}}]}}
        """);

    private static string Map(int number, string which) => $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"t{{{number:d6}}}-{{{which}}}","namespace":"{{{NamespaceOf(number)}}}","labels":{"app":"bench"}},"data":{"mode":"fast","owner":"t{{{number:d6}}}"}}
        """;

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
