using System.Text.Json;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Counts templates by phase, from an index of the cache: nothing is decoded for it but the phase itself, once for each change.</summary>
internal sealed class PhaseCount
{
    private const string Index = "status.processingPhase";
    private const string None = "New";
    private static readonly string[] _phases = [None, Phases.Queued, Phases.Processing, Phases.Completed, Phases.Failed, Phases.Paused];
    private readonly ObjectCache<DynamicObject> _templates;

    /// <summary>Reads from the informer's cache, and adds the index to it; so this comes before the informer starts.</summary>
    public PhaseCount(Informer templates)
    {
        templates.AddIndex(Index, template => [PhaseOf(template)]);
        _templates = templates.Cache;
    }

    /// <summary>Templates in each phase; <c>New</c> are those that have none.</summary>
    public IEnumerable<(string Phase, int Templates)> Now() => _phases.Select(phase => (phase, _templates.ByIndex(Index, phase).Count));

    /// <summary>The phase; another one than the operator's own, which only a person could have written, counts as none.</summary>
    private static string PhaseOf(DynamicObject template)
    {
        var reader = new Utf8JsonReader(template.Json.Span);
        return Enter(ref reader, "status"u8) && Enter(ref reader, "processingPhase"u8) && reader.TokenType == JsonTokenType.String
            && reader.GetString() is { } phase && _phases.Contains(phase, StringComparer.Ordinal) ? phase : None;
    }

    /// <summary>Moves the reader to the value of a field of the object that it is at.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (reader.TokenType == JsonTokenType.None)
        {
            reader.Read();
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(field);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
