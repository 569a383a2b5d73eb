namespace Databases.Sql;

/// <summary>Names and texts within a statement, where parameters cannot stand.</summary>
internal static class SqlText
{
    /// <summary>A name, whatever characters it has.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text, whatever characters it has; connections of the operator never take backslashes for escapes.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
