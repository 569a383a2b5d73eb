using System.Collections.Frozen;

namespace Capstan.Cel.Syntax;

/// <summary>The macros of a dialect. A later macro of the same name, count and style replaces an earlier one. Immutable.</summary>
internal sealed class MacroTable
{
    private readonly FrozenDictionary<string, Macro[]> _byName;

    private MacroTable(IEnumerable<Macro> macros)
    {
        _byName = macros.GroupBy(m => m.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Reverse().DistinctBy(m => (m.ArgumentCount, m.HasTarget)).ToArray(), StringComparer.Ordinal);
    }

    public static MacroTable Empty { get; } = new([]);

    public static MacroTable Of(IReadOnlyList<Macro> macros) => new(macros);

    /// <summary>The macro of a call, one of exactly this many arguments before one of any number; null when it is an ordinary call.</summary>
    public Macro? Find(string name, int argumentCount, bool hasTarget)
    {
        if (!_byName.TryGetValue(name, out var candidates))
        {
            return null;
        }

        Macro? any = null;
        foreach (var macro in candidates)
        {
            if (macro.HasTarget == hasTarget)
            {
                if (macro.ArgumentCount == argumentCount)
                {
                    return macro;
                }

                any = macro.ArgumentCount == Macro.AnyCount ? macro : any;
            }
        }

        return any;
    }
}
