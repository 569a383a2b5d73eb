using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel;

/// <summary>
/// A group of functions, types and macros that an environment may have or not: see <see cref="CelLibraries"/>. Functions of one's own need no
/// library: <see cref="CelEnvironment.WithFunction"/>. Immutable and safe for threads.
/// </summary>
public sealed class CelLibrary
{
    internal CelLibrary(string name) => Name = name;

    /// <summary>The name, for messages and tables.</summary>
    public string Name { get; }

    /// <summary>What the checker knows of its functions.</summary>
    internal ImmutableArray<FunctionDeclaration> Declarations { get; init; } = [];

    /// <summary>Types that expressions may name.</summary>
    internal ImmutableArray<CelType> Types { get; init; } = [];

    /// <summary>Overloads whose second argument, the receiver counted, is a pattern: a literal that is none is an issue.</summary>
    internal ImmutableArray<string> PatternOverloads { get; init; } = [];

    /// <summary>Adds the functions. They are added in the order of the libraries; a later one sees and may replace the earlier.</summary>
    internal Action<FunctionSet>? Functions { get; init; }

    internal ImmutableArray<Macro> Macros { get; init; } = [];

    /// <summary>Whether <c>.?</c> and its kin parse.</summary>
    internal bool HasOptionalSyntax { get; init; }

    /// <summary>What calls cost when they run. Asked of the libraries in their order; what none of them says is as in the language itself.</summary>
    internal CallCosts? CallCosts { get; init; }

    /// <summary>What its calls cost at least and at most, null where each costs 1.</summary>
    internal CallEstimator? CallEstimate { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
