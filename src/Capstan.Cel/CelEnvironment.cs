using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel;

/// <summary>
/// What an expression may use: libraries, variables, functions. The With methods give changed copies. Immutable and safe for threads; make one
/// per set of variables and keep it.
/// </summary>
public sealed class CelEnvironment
{
    // Many environments differ in their variables only: they share what is made of the libraries.
    private readonly Language _language;
    private readonly Lazy<EvalScope> _scope;

    private CelEnvironment(Language language, CheckEnvironment checking, ImmutableArray<string> variables)
    {
        _language = language;
        Checking = checking;
        Variables = variables;
        _scope = new(() => new(Functions, Variables, Checking.Container) { CallCosts = _language.CallCosts });
    }

    /// <summary>
    /// Kubernetes' dialect with what Kubernetes 1.36 has of the general libraries: cross-type numbers, optionals, strings, lists, sets and
    /// two-variable comprehensions. Its own libraries are in Capstan.Cel.Kubernetes.
    /// </summary>
    public static CelEnvironment Kubernetes { get; } = Create(CelDialect.Kubernetes).With(
        CelLibraries.CrossTypeNumbers, CelLibraries.Optionals, CelLibraries.Strings, CelLibraries.Lists, CelLibraries.Sets,
        CelLibraries.TwoVariableComprehensions);

    /// <summary>The specification's dialect with every general library.</summary>
    public static CelEnvironment Specification { get; } = Create(CelDialect.Specification).With(
        CelLibraries.CrossTypeNumbers, CelLibraries.Optionals, CelLibraries.Strings, CelLibraries.Lists, CelLibraries.Sets,
        CelLibraries.TwoVariableComprehensions, CelLibraries.Math, CelLibraries.Encoders, CelLibraries.Bindings);

    /// <summary>The dialect.</summary>
    public CelDialect Dialect => _language.Dialect;

    /// <summary>The libraries, in the order in which they were added.</summary>
    public ImmutableArray<CelLibrary> Libraries => _language.Libraries;

    /// <summary>Names of the variables, in the order in which they were declared. <see cref="CelProgram.Evaluate"/> takes their values so.</summary>
    public ImmutableArray<string> Variables { get; }

    internal CheckEnvironment Checking { get; }

    internal SyntaxOptions Syntax => _language.Syntax;

    internal FunctionTable Functions => _language.Functions;

    internal EvalScope Scope => _scope.Value;

    /// <summary>The language alone: no library, no variable.</summary>
    public static CelEnvironment Create(CelDialect dialect = CelDialect.Kubernetes) => new(
        new(dialect, []),
        CheckEnvironment.StrictNumbers with
        {
            Options = dialect == CelDialect.Kubernetes
                ? new CheckOptions { HomogeneousLiterals = true, LiteralArguments = true, ConstantCalls = true }
                : new CheckOptions(),
        },
        []);

    /// <summary>More libraries. One that is there already stays as it is.</summary>
    public CelEnvironment With(params ReadOnlySpan<CelLibrary> libraries)
    {
        var all = _language.Libraries;
        var checking = Checking;
        foreach (var library in libraries)
        {
            if (!all.Contains(library))
            {
                all = all.Add(library);
                checking = checking.WithFunctions(library.Declarations);
                checking = library.Types.Aggregate(checking, (c, t) => c.WithType(t)) with
                {
                    Options = checking.Options with { PatternOverloads = checking.Options.PatternOverloads.Union(library.PatternOverloads) },
                };
            }
        }

        return new(_language.With(all), checking, Variables);
    }

    /// <summary>A variable. Replaces the type of one that has the name already.</summary>
    /// <param name="name">An identifier, or several with dots between.</param>
    /// <param name="type"><see cref="CelType.Dyn"/> for JSON without a schema.</param>
    public CelEnvironment WithVariable(string name, CelType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        return new(_language, Checking.WithVariable(name, type), Variables.Contains(name) ? Variables : Variables.Add(name));
    }

    /// <summary>The same variables in the same places, but one that expressions cannot name.</summary>
    internal CelEnvironment Hiding(string name) => new(_language, Checking.WithoutVariable(name), Variables);

    /// <summary>A type that expressions may name.</summary>
    public CelEnvironment WithType(CelType type) => new(_language, Checking.WithType(type), Variables);

    /// <summary>A function of one's own, or one more overload of a function. It should not throw: what it throws becomes an evaluation error.</summary>
    /// <param name="name">The name; a global one may have dots.</param>
    /// <param name="signature"><c>(string, int) -> bool</c>, or with a receiver <c>string.(int) -> bool</c>; types as expressions spell them.</param>
    /// <param name="function">Is given the receiver, if any, and the arguments, never an error. Called by several threads at once.</param>
    /// <exception cref="FormatException">The signature is none.</exception>
    public CelEnvironment WithFunction(string name, string signature, CelFunction function)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        return With(OwnFunction.Library(name, signature, function));
    }

    internal CelEnvironment WithChecking(Func<CheckOptions, CheckOptions> change) =>
        new(_language, Checking with { Options = change(Checking.Options) }, Variables);

    /// <summary>The namespace that names are looked up in first. Default none.</summary>
    public CelEnvironment WithContainer(string container) => new(_language, Checking with { Container = container }, Variables);

    /// <summary>Parses, checks and prepares an expression. Safe for any text: its work is bounded.</summary>
    /// <exception cref="CelCompileException">It does not compile; the message shows where.</exception>
    public CelProgram Compile(string text) =>
        TryCompile(text, out var program, out var diagnostics) ? program : throw new CelCompileException(diagnostics);

    /// <summary>As <see cref="Compile"/>, but says what is wrong instead of throwing.</summary>
    public bool TryCompile(string text, [NotNullWhen(true)] out CelProgram? program, out CelDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parsed = CelParser.Parse(text, Syntax);
        var checkedOne = parsed.Ast is null ? null : CelChecker.Check(parsed.Ast, Checking);
        diagnostics = new(parsed.Source, checkedOne?.Issues ?? parsed.Issues) { ProgramFault = checkedOne?.Fault };
        program = null;
        if (checkedOne is not { IsValid: true } valid)
        {
            return false;
        }

        var lowered = Lowering.Lower(valid, Scope);
        if (lowered.Fault is var (position, message))
        {
            var (line, column) = parsed.Source.Locate(position);
            diagnostics = new(parsed.Source, [new(CelSeverity.Error, message, position, line, column)]) { ProgramFault = message };
            return false;
        }

        program = new(this, text, valid, lowered);
        return true;
    }

    /// <summary>What comes of the dialect and the libraries.</summary>
    private sealed class Language(CelDialect dialect, ImmutableArray<CelLibrary> libraries)
    {
        private readonly Lazy<FunctionTable> _functions = new(() => FunctionTable.Of(dialect, libraries));
        private readonly Lazy<SyntaxOptions> _syntax = new(() => new()
        {
            OptionalSyntax = libraries.Any(l => l.HasOptionalSyntax),
            QuotedIdentifiers = dialect == CelDialect.Specification,
            Macros = MacroTable.Of([.. StandardMacros.All, .. libraries.SelectMany(l => l.Macros)]),
        });

        public CelDialect Dialect => dialect;

        public ImmutableArray<CelLibrary> Libraries => libraries;

        public FunctionTable Functions => _functions.Value;

        public CallCostTable CallCosts { get; } = new(libraries);

        public SyntaxOptions Syntax => _syntax.Value;

        public Language With(ImmutableArray<CelLibrary> all) => all.Length == libraries.Length ? this : new(dialect, all);
    }
}
