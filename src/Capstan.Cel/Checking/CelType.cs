using System.Collections.Immutable;
using System.Text;

namespace Capstan.Cel;

/// <summary>A type of the checker. Immutable; may share parts, so its written form can be far larger than what it takes in memory.</summary>
public class CelType
{
    /// <summary>Name of the type of optional values.</summary>
    public const string OptionalName = "optional_type";

    // What is longer tells nobody anything, and sharing could make it exponentially long.
    private const int LongestText = 1000;

    private protected CelType(CelTypeKind kind, string name, params ImmutableArray<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
        HasParameters = kind == CelTypeKind.Parameter;
        foreach (var parameter in parameters)
        {
            HasParameters |= parameter.HasParameters;
            Depth = Math.Max(Depth, parameter.Depth + 1);
        }
    }

    /// <summary>Known only at run time: JSON without a schema.</summary>
    public static CelType Dyn { get; } = new(CelTypeKind.Dyn, "dyn");

    /// <summary>Of what has an error.</summary>
    public static CelType Error { get; } = new(CelTypeKind.Error, "!error!");

    /// <summary>null_type</summary>
    public static CelType Null { get; } = new(CelTypeKind.Null, "null_type");

    /// <summary>bool</summary>
    public static CelType Bool { get; } = new(CelTypeKind.Bool, "bool");

    /// <summary>int</summary>
    public static CelType Int { get; } = new(CelTypeKind.Int, "int");

    /// <summary>uint</summary>
    public static CelType Uint { get; } = new(CelTypeKind.Uint, "uint");

    /// <summary>double</summary>
    public static CelType Double { get; } = new(CelTypeKind.Double, "double");

    /// <summary>string</summary>
    public static CelType String { get; } = new(CelTypeKind.String, "string");

    /// <summary>bytes</summary>
    public static CelType Bytes { get; } = new(CelTypeKind.Bytes, "bytes");

    /// <summary>google.protobuf.Timestamp</summary>
    public static CelType Timestamp { get; } = new(CelTypeKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary>google.protobuf.Duration</summary>
    public static CelType Duration { get; } = new(CelTypeKind.Duration, "google.protobuf.Duration");

    /// <summary>The type of types, of which one is not said.</summary>
    public static CelType Type { get; } = new(CelTypeKind.Type, "type");

    /// <summary>Its shape.</summary>
    public CelTypeKind Kind { get; }

    /// <summary>The name that expressions call it by: <c>list</c> of every list.</summary>
    public string Name { get; }

    /// <summary>What it is made of: the elements of a list, keys and values of a map.</summary>
    public ImmutableArray<CelType> Parameters { get; }

    /// <summary>Whether a <see cref="CelTypeKind.Parameter"/> is in it.</summary>
    internal bool HasParameters { get; }

    /// <summary>Levels of parameters below it.</summary>
    internal int Depth { get; }

    /// <summary>Which parameter of a signature or variable of a check; meaningful for <see cref="CelTypeKind.Parameter"/> only.</summary>
    internal int Index { get; private init; }

    /// <summary>Whether it is the type of optional values.</summary>
    public bool IsOptional => Kind == CelTypeKind.Opaque && Name == OptionalName;

    internal bool IsDynOrError => Kind is CelTypeKind.Dyn or CelTypeKind.Error;

    /// <summary>The type of a type.</summary>
    public static CelType TypeOf(CelType type) => new(CelTypeKind.Type, "type", type);

    /// <summary>A list.</summary>
    public static CelType List(CelType element) => new(CelTypeKind.List, "list", element);

    /// <summary>A map.</summary>
    public static CelType Map(CelType key, CelType value) => new(CelTypeKind.Map, "map", key, value);

    internal static CelType Wrapper(CelType primitive) => new(CelTypeKind.Wrapper, "wrapper", primitive);

    /// <summary>A value or none.</summary>
    public static CelType Optional(CelType value) => Opaque(OptionalName, value);

    /// <summary>A named type whose values only functions know.</summary>
    public static CelType Opaque(string name, params ImmutableArray<CelType> parameters) => new(CelTypeKind.Opaque, name, parameters);

    internal static CelType Parameter(string name, int index) => new(CelTypeKind.Parameter, name) { Index = index };

    /// <summary>The same shape with other parameters; this instance when none differs.</summary>
    internal CelType With(ImmutableArray<CelType> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!ReferenceEquals(parameters[i], Parameters[i]))
            {
                return new CelType(Kind, Name, parameters);
            }
        }

        return this;
    }

    /// <summary>As messages spell it: <c>map(string, int)</c>, <c>timestamp</c>, <c>null</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private void Write(StringBuilder text)
    {
        if (text.Length > LongestText)
        {
            text.Append("...");
            return;
        }

        text.Append(Kind switch
        {
            CelTypeKind.Null => "null",
            CelTypeKind.Timestamp => "timestamp",
            CelTypeKind.Duration => "duration",
            _ => Name,
        });
        if (Parameters.IsEmpty)
        {
            return;
        }

        text.Append('(');
        for (var i = 0; i < Parameters.Length && text.Length <= LongestText; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Parameters[i].Write(text);
        }

        text.Append(')');
    }
}
