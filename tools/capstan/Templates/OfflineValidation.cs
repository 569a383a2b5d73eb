using System.Text.Json;
using System.Text.RegularExpressions;
using KubeTemplater.Admission;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace Capstan.Tool.Templates;

/// <summary>Judges templates and policies from files as the webhooks would, by the same code; what a cluster would know of kinds and namespaces the files must tell.</summary>
/// <param name="operatorNamespace">Namespace whose policies count.</param>
/// <param name="defaultNamespace">Namespace of templates that name none.</param>
/// <param name="kinds">Which kinds have a namespace.</param>
internal sealed partial class OfflineValidation(string operatorNamespace, string defaultNamespace, KnownKinds kinds)
{
    private readonly List<Finding> _found = [];
    private readonly Dictionary<string, DynamicObject> _namespaces = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unknownNamespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CompiledPolicy>> _policies = new(StringComparer.Ordinal);

    /// <summary>Judges all templates and policies among the manifests.</summary>
    public async Task<Findings> ValidateAsync(IReadOnlyList<PlacedManifest> manifests, CancellationToken cancellationToken)
    {
        foreach (var manifest in manifests.Where(manifest => manifest.Kind == "Namespace" && PlacedManifest.TextOf(manifest.Json!["metadata"]?["name"]) is not null))
        {
            _namespaces[(string)manifest.Json!["metadata"]!["name"]!] = DynamicObject.From(manifest.Json);
        }

        var policies = Of<KubeTemplatePolicy>(manifests, operatorNamespace);
        policies.ForEach(Judge);
        var templates = Of<KubeTemplate>(manifests, defaultNamespace);
        foreach (var (manifest, template) in templates)
        {
            await JudgeAsync(manifest, template, cancellationToken);
        }

        TellWhatIsNotKnown();
        return new(templates.Count, policies.Count, _found);
    }

    private List<(PlacedManifest Manifest, T Value)> Of<T>(IReadOnlyList<PlacedManifest> manifests, string otherwise)
        where T : KubeObject, IKubeObject<T>
    {
        var result = new List<(PlacedManifest, T)>();
        foreach (var manifest in manifests.Where(manifest => manifest.Kind == $"{T.Resource.Kind}.{T.Resource.Group}"))
        {
            try
            {
                var value = DynamicObject.From(manifest.Json!).To<T>();
                value.Metadata.Namespace = value.Metadata.Namespace is { Length: > 0 } given ? given : otherwise;
                result.Add((manifest, value));
            }
            catch (JsonException fault)
            {
                var path = fault.Path?.TrimStart('$', '.') ?? "";
                Add(manifest, PointerOf(path), isError: true, T.Resource.Kind, $"{path}: is of another type than the kind gives it");
            }
        }

        return result;
    }

    private void Judge((PlacedManifest Manifest, KubeTemplatePolicy Policy) one)
    {
        var (manifest, policy) = one;
        var about = $"KubeTemplatePolicy {policy.Key}";
        foreach (var fault in PolicyFaults.Of(policy, operatorNamespace))
        {
            Add(manifest, PointerOf(fault.Field!), isError: true, about, $"{fault.Field}: {fault.Message}");
        }

        foreach (var vain in PolicyFaults.WithoutEffect(policy.Spec))
        {
            Add(manifest, PointerOf(vain.Split(": ")[0]), isError: false, about, vain);
        }

        if (policy.Metadata.Namespace != operatorNamespace)
        {
            Add(manifest, "/metadata/namespace", isError: false, about, $"the policy has no effect: only those in namespace {operatorNamespace} count");
            return;
        }

        if (!_policies.TryGetValue(policy.Spec.SourceNamespace, out var same))
        {
            _policies[policy.Spec.SourceNamespace] = same = [];
        }

        if (same.Count > 0)
        {
            Add(manifest, "/spec/sourceNamespace", isError: true, about, $"spec.sourceNamespace: KubeTemplatePolicy {same[0].Name} governs namespace {policy.Spec.SourceNamespace} already, and exactly one may");
        }

        same.Add(new(policy, operatorNamespace));
    }

    private async Task JudgeAsync(PlacedManifest manifest, KubeTemplate template, CancellationToken cancellationToken)
    {
        var about = $"KubeTemplate {template.Key}";
        if (!_policies.TryGetValue(template.Metadata.Namespace!, out var policies) || policies.Count != 1)
        {
            var what = policies is null ? "no KubeTemplatePolicy" : $"{policies.Count} KubeTemplatePolicies ({string.Join(", ", policies.Select(policy => policy.Name))})";
            Add(manifest, "", isError: true, about, $"{what} found for source namespace {template.Metadata.Namespace} among the files");
            return;
        }

        var policy = policies[0];
        var judge = new EntriesJudge((kind, _) => ValueTask.FromResult(kinds.IsNamespaced(kind)), name => NamespaceNamed(name, policy));
        var verdict = await judge.JudgeAsync(policy, template, null, cancellationToken);
        foreach (var (text, isError) in verdict.Faults.Select(fault => (fault.Message, true)).Concat(verdict.Warnings.Select(warning => (warning, false))))
        {
            // Every message about an entry begins with its number.
            var entry = Entry().Match(text);
            Add(manifest, entry.Success ? $"/spec/templates/{entry.Groups[1].Value}/object" : "/spec/templates", isError, about, text);
        }
    }

    private DynamicObject? NamespaceNamed(string name, CompiledPolicy policy)
    {
        if (_namespaces.TryGetValue(name, out var known))
        {
            return known;
        }

        if (policy.Policy.Spec.ValidationRules.Any(rule => rule.TargetNamespaceSelector is not null || rule.FieldValidations?.Any(check => check.Cel?.Contains("namespaceObject", StringComparison.Ordinal) == true) == true))
        {
            _unknownNamespaces.Add(name);
        }

        return null;
    }

    private void TellWhatIsNotKnown()
    {
        _found.AddRange(kinds.Unknown.Select(kind => new Finding(
            "", default, false, "", $"nobody here knows whether {kind} has a namespace: give its CustomResourceDefinition with -f, or say --namespaced {kind} or --cluster-scoped {kind}")));
        _found.AddRange(_unknownNamespaces.Order(StringComparer.Ordinal).Select(name => new Finding(
            "", default, false, "", $"the policy asks for labels of namespace {name}, which is not among the files: give its manifest with -f")));
    }

    private void Add(PlacedManifest manifest, string pointer, bool isError, string about, string message) =>
        _found.Add(new(manifest.File, manifest.PlaceOf(pointer), isError, about, message));

    // spec.validationRules[0].cel as /spec/validationRules/0/cel: the paths of policies have no names with dots.
    private static string PointerOf(string path) => path.Length == 0 ? "" : "/" + path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '/');

    [GeneratedRegex(@"\Atemplate\[(\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();
}
