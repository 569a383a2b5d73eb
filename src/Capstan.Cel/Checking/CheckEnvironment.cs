using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>What the names of an expression may mean. Immutable and safe for several threads; the With methods give changed copies.</summary>
internal sealed record CheckEnvironment
{
    private static readonly Dictionary<string, CelType> StandardTypes = new[]
    {
        CelType.Null, CelType.Bool, CelType.Int, CelType.Uint, CelType.Double, CelType.String, CelType.Bytes, CelType.Timestamp,
        CelType.Duration, CelType.Type, CelType.List(CelType.Dyn), CelType.Map(CelType.Dyn, CelType.Dyn),
    }.ToDictionary(t => t.Name, StringComparer.Ordinal);

    // Never changed once set: each copy of the environment that differs has its own. Lookups are many, changes few.
    private Dictionary<string, CelType> _variables = new(StringComparer.Ordinal);
    private Dictionary<string, CelType> _types = StandardTypes;
    private Dictionary<string, FunctionDeclaration> _functions = new(StringComparer.Ordinal);

    // First parts of the names with dots. Most chains of selections begin with none of them: no name needs to be spelled for those.
    private ImmutableHashSet<string> _spaces = ImmutableHashSet.Create<string>(StringComparer.Ordinal, "google");

    private CheckEnvironment()
    {
    }

    /// <summary>The language alone: its functions and types, order between numbers of different types included, no variables.</summary>
    public static CheckEnvironment Standard { get; } =
        new CheckEnvironment().WithFunctions(StandardDeclarations.Functions).WithFunctions(StandardDeclarations.CrossTypeComparisons);

    /// <summary>As <see cref="Standard"/>, but numbers of different types have no order.</summary>
    public static CheckEnvironment StrictNumbers { get; } = new CheckEnvironment().WithFunctions(StandardDeclarations.Functions);

    /// <summary>The namespace that names are looked up in first. Default none.</summary>
    public string Container { get; init; } = "";

    public CheckOptions Options { get; init; } = new();

    /// <summary>Optional values: their type and functions.</summary>
    public CheckEnvironment WithOptionals() => WithFunctions(StandardDeclarations.Optionals).WithType(CelType.Optional(CelType.Dyn));

    /// <summary>A variable; its name may have dots. Replaces one of the same name. Type parameters in the type are dyn.</summary>
    public CheckEnvironment WithVariable(string name, CelType type) =>
        this with { _variables = Changed(_variables, name, WithoutParameters(type)), _spaces = WithSpaceOf(name) };

    /// <summary>Without a variable of this name.</summary>
    public CheckEnvironment WithoutVariable(string name) =>
        this with { _variables = _variables.Where(v => v.Key != name).ToDictionary(StringComparer.Ordinal) };

    /// <summary>A type that expressions may name; an object type may be built by message literals too.</summary>
    public CheckEnvironment WithType(CelType type) =>
        this with { _types = Changed(_types, type.Name, type), _spaces = WithSpaceOf(type.Name) };

    /// <summary>Functions, or more overloads of functions that are there. An overload replaces one of the same name.</summary>
    public CheckEnvironment WithFunctions(IEnumerable<FunctionDeclaration> functions)
    {
        var all = new Dictionary<string, FunctionDeclaration>(_functions, StringComparer.Ordinal);
        var spaces = _spaces;
        foreach (var function in functions)
        {
            all[function.Name] = all.TryGetValue(function.Name, out var known)
                ? known with { Overloads = [.. known.Overloads.Where(o => function.Overloads.All(n => n.Id != o.Id)), .. function.Overloads] }
                : function;
            spaces = WithSpaceOf(function.Name, spaces);
        }

        return this with { _functions = all, _spaces = spaces };
    }

    /// <summary>False when no name with dots can begin with this one, so that what follows it are fields.</summary>
    public bool MayBeSpace(string name) => Container.Length > 0 || name.StartsWith('.') || _spaces.Contains(name);

    /// <summary>What a name written in an expression means, the longest namespace first; with a dot in front in the root only.</summary>
    public CheckedReference? FindIdentifier(string written, out CelType type)
    {
        if (Container.Length == 0 && !written.StartsWith('.'))
        {
            return Find(written, out type);
        }

        foreach (var name in Candidates(written))
        {
            if (Find(name, out type) is { } reference)
            {
                return reference;
            }
        }

        type = CelType.Error;
        return null;
    }

    public FunctionDeclaration? FindFunction(string written)
    {
        if (_functions.TryGetValue(written, out var here) && Container.Length == 0)
        {
            return here;
        }

        foreach (var name in Candidates(written))
        {
            if (_functions.TryGetValue(name, out var function))
            {
                return function;
            }
        }

        return null;
    }

    public CelType? FindType(string written)
    {
        foreach (var name in Candidates(written))
        {
            if (_types.TryGetValue(name, out var type))
            {
                return type;
            }
        }

        return null;
    }

    private CheckedReference? Find(string name, out CelType type)
    {
        if (_variables.TryGetValue(name, out type!))
        {
            return new CheckedReference(ReferenceKind.Variable, name);
        }

        if (_types.TryGetValue(name, out var named))
        {
            type = CelType.TypeOf(named);
            return new CheckedReference(ReferenceKind.Type, name);
        }

        type = CelType.Error;
        return null;
    }

    private static Dictionary<string, CelType> Changed(Dictionary<string, CelType> all, string name, CelType type) =>
        new(all, StringComparer.Ordinal) { [name] = type };

    private ImmutableHashSet<string> WithSpaceOf(string name, ImmutableHashSet<string>? spaces = null) =>
        name.IndexOf('.') is > 0 and var dot ? (spaces ?? _spaces).Add(name[..dot]) : spaces ?? _spaces;

    private static CelType WithoutParameters(CelType type) =>
        !type.HasParameters ? type
        : type.Kind == CelTypeKind.Parameter ? CelType.Dyn
        : type.With([.. type.Parameters.Select(WithoutParameters)]);

    private IEnumerable<string> Candidates(string written)
    {
        if (written.StartsWith('.'))
        {
            yield return written[1..];
            yield break;
        }

        for (var space = Container; space.Length > 0; space = space[..Math.Max(0, space.LastIndexOf('.'))])
        {
            yield return $"{space}.{written}";
        }

        yield return written;
    }
}
