using System.Text.Json;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace Capstan.Tool.Templates;

/// <summary>What <c>capstan template diff</c> does: reads templates, compares each of their objects, prints.</summary>
internal sealed class DiffRun(KubeClient client, string @namespace, TextWriter output, TextWriter error)
{
    private bool _differs;
    private bool _failed;

    /// <summary>Runs to the end; the result is the exit code.</summary>
    public async Task<int> RunAsync(string? name, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var templates = name is null ? Read(files) : [await client.GetAsync<KubeTemplate>(new(@namespace, name), cancellationToken)];
        foreach (var template in templates)
        {
            await CompareAsync(await InClusterAsync(template, name is not null, cancellationToken), cancellationToken);
        }

        return _failed ? ExitCodes.CannotCompare : _differs ? ExitCodes.Differs : ExitCodes.Done;
    }

    private List<KubeTemplate> Read(IReadOnlyList<string> files)
    {
        try
        {
            var templates = ManifestFiles.Read(files, Console.OpenStandardInput)
                .Where(manifest => manifest.Kind == "KubeTemplate.kubetemplater.io")
                .Select(manifest => DynamicObject.From(manifest.Json!).To<KubeTemplate>())
                .ToList();
            return templates.Count > 0 ? templates : throw new CannotRunException($"{string.Join(", ", files)}: no KubeTemplate in it");
        }
        catch (Exception fault) when (fault is JsonException)
        {
            throw new CannotRunException(fault.Message, fault);
        }
    }

    /// <summary>The template as it would be stored: with the identity and the record of the one that is there.</summary>
    private async Task<KubeTemplate> InClusterAsync(KubeTemplate template, bool isStored, CancellationToken cancellationToken)
    {
        if (isStored)
        {
            return template;
        }

        template.Metadata.Namespace ??= @namespace;
        var stored = await FindAsync(template.Key, cancellationToken);
        template.Metadata.Uid = stored?.Metadata.Uid ?? Guid.Empty.ToString();
        return template with { Status = stored?.Status };
    }

    private async Task<KubeTemplate?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await client.FindAsync<KubeTemplate>(key, cancellationToken);
        }
        catch (ApiException refused) when (refused.IsForbidden)
        {
            // Who may not read templates can still see what this one would do.
            return null;
        }
    }

    private async Task CompareAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        var dryRun = new DryRun(client, template);
        for (var i = 0; i < template.Spec.Templates.Count; i++)
        {
            try
            {
                var manifest = Manifest.Read(i, template.Spec.Templates[i], template.Metadata.Namespace!);
                await PrintAsync(manifest.Kind, manifest.Key, await dryRun.TryAsync(manifest, cancellationToken));
            }
            catch (TemplateException fault)
            {
                await FailAsync(template, fault.Message);
            }
            catch (ApiException refused)
            {
                await FailAsync(template, $"template[{i}]: {refused.Status.Message ?? refused.Message}");
            }
        }

        foreach (var (kind, key, live) in await dryRun.PrunedAsync(cancellationToken))
        {
            await PrintAsync(kind, key, new(live, null, "would be pruned"));
        }
    }

    private async Task PrintAsync(GroupVersionKind kind, ObjectKey key, DryRunResult result)
    {
        var (before, after) = ComparableYaml.Of(result.Live, result.Wanted);
        var place = string.Join('.', new[] { kind.ApiVersion.Replace('/', '.'), kind.Kind, key.Namespace, key.Name }.Where(part => part.Length > 0));
        var diff = UnifiedDiff.Of(before, after);
        if (diff.Length == 0)
        {
            return;
        }

        _differs = true;
        await output.WriteAsync($"{(result.Note is { } note ? $"# {place}: {note}\n" : "")}--- live/{place}\n+++ wanted/{place}\n{diff}");
    }

    private Task FailAsync(KubeTemplate template, string message)
    {
        _failed = true;
        return error.WriteLineAsync($"capstan: KubeTemplate {template.Key}: {message.ReplaceLineEndings(" ")}");
    }
}
