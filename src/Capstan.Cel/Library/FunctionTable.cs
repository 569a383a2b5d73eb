using System.Collections.Frozen;
using Capstan.Cel.Regex;

namespace Capstan.Cel.Library;

/// <summary>The functions and types of an environment. Immutable.</summary>
internal sealed class FunctionTable
{
    private readonly FrozenDictionary<(string Name, int Arguments, bool IsMember), CelFunction> _functions;
    private readonly FrozenDictionary<(string Name, int Arguments, bool IsMember), Func<Re2, CelFunction>> _patterns;
    private readonly FrozenDictionary<string, CelFunction> _overloads;
    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string> _types;

    private FunctionTable(FunctionSet set)
    {
        _functions = set.Functions.ToFrozenDictionary();
        _patterns = set.Patterns.ToFrozenDictionary();
        _overloads = set.Overloads.ToFrozenDictionary(StringComparer.Ordinal);
        _names = set.Functions.Keys.Select(f => f.Name).ToFrozenSet(StringComparer.Ordinal);
        _types = set.Types.ToFrozenSet(StringComparer.Ordinal);
        IsSpecification = set.IsSpecification;
        HasOptionals = Find("optional.none", 0, false) is not null;
    }

    /// <summary>The dialect: the specification's, or Kubernetes'.</summary>
    public bool IsSpecification { get; }

    public bool HasOptionals { get; }

    /// <summary>The functions of the language and what each of <paramref name="libraries"/> adds.</summary>
    public static FunctionTable Of(CelDialect dialect, IEnumerable<CelLibrary> libraries)
    {
        var set = new FunctionSet(dialect);
        Arithmetic.Declare(set);
        Conversions.Declare(set);
        StandardFunctions.Declare(set);
        TimeFunctions.Declare(set);
        foreach (var library in libraries)
        {
            set.Type([.. library.Types.Select(t => t.Name)]);
            library.Functions?.Invoke(set);
        }

        return new(set);
    }

    /// <summary>A function by name and number of arguments, the receiver not counted.</summary>
    public CelFunction? Find(string name, int arguments, bool isMember) => _functions.GetValueOrDefault((name, arguments, isMember));

    /// <summary>The function with a pattern put in; null when it takes none, or it is no pattern.</summary>
    public CelFunction? FindPattern(string name, int arguments, bool isMember, string pattern)
    {
        try
        {
            return _patterns.TryGetValue((name, arguments, isMember), out var function) ? function(Re2.Compile(pattern)) : null;
        }
        catch (Re2SyntaxException)
        {
            return null;
        }
    }

    /// <summary>The function of one overload, where it has one of its own.</summary>
    public CelFunction? FindOverload(string id) => _overloads.GetValueOrDefault(id);

    /// <summary>Whether there is a function of that name, whatever it takes.</summary>
    public bool IsFunction(string name) => _names.Contains(name);

    public bool IsType(string name) => _types.Contains(name);
}
