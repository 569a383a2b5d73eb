using KubeTemplater.Resources;

namespace Capstan.Tool.Local.Templates;

/// <summary>What is shown of one template.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="Phase">Its phase; <c>New</c> before the operator wrote one, <c>Changed</c> while the phase is that of an older spec.</param>
/// <param name="Synced">Resources that are as wanted; null before the operator wrote any.</param>
/// <param name="Total">Resources wanted.</param>
/// <param name="Created">When the template was made.</param>
/// <param name="Message">What the operator says of it; empty when the phase says it all.</param>
internal sealed record TemplateRow(ObjectKey Key, string Phase, int? Synced, int Total, DateTimeOffset Created, string Message)
{
    /// <summary>Whether more is to come without anybody doing anything.</summary>
    public bool IsActive => Phase is not (Phases.Completed or Phases.Failed or "Paused");

    /// <summary><c>synced/total</c>.</summary>
    public string Resources => $"{Synced?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}/{Total}";

    /// <summary>Reads a template.</summary>
    public static TemplateRow Of(KubeTemplate template)
    {
        var status = template.Status;
        var isOld = status?.ObservedGeneration is { } observed && observed < template.Metadata.Generation;
        var phase = status?.ProcessingPhase is not { Length: > 0 } written ? "New" : isOld ? "Changed" : written;
        var message = status?.Status is { } said && said != phase && !isOld ? said : "";
        return new(
            template.Key,
            phase,
            isOld ? null : status?.ResourcesSynced,
            template.Spec.Templates.Count,
            template.Metadata.CreationTimestamp ?? DateTimeOffset.UnixEpoch,
            message.ReplaceLineEndings(" "));
    }
}
