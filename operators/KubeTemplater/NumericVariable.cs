using System.Globalization;

namespace KubeTemplater;

/// <summary>An environment variable that is a whole number within bounds.</summary>
/// <param name="Name">Name of the variable.</param>
/// <param name="Default">What holds when it is not set; null where something else then says it.</param>
/// <param name="Least">The least value that is taken.</param>
/// <param name="Most">The greatest.</param>
/// <param name="Meaning">For the help, with the unit.</param>
internal sealed record NumericVariable(string Name, int? Default, int Least, int Most, string Meaning)
{
    /// <summary>Its value; the default when it is not set or blank.</summary>
    /// <exception cref="FormatException">It is no whole number, or out of range.</exception>
    public int? Read(Func<string, string?> environment)
    {
        var text = environment(Name);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Default;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= Least && value <= Most
            ? value
            : throw new FormatException($"{Name}={text}: must be a whole number from {Least} to {Most}");
    }
}
