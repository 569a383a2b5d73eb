namespace Capstan.Cel;

/// <summary>A value of a type that a library adds. Equality is <see cref="object.Equals(object)"/>; immutable.</summary>
public interface ICelObject
{
    /// <summary>CEL's name of the type.</summary>
    string TypeName { get; }

    /// <summary>The size that costs depend on, 1 for what has none.</summary>
    internal ulong Size => 1;
}
