namespace Capstan.Yaml;

/// <summary>A text is not YAML that Kubernetes could take as JSON. <see cref="Exception.Message"/> reads <c>source:line:column: fault</c>.</summary>
public sealed class YamlFormatException : FormatException
{
    /// <summary>Names the place and the fault.</summary>
    /// <param name="source">Where the text came from, as people know it: a file name, <c>stdin</c>.</param>
    /// <param name="line">Line, from 1.</param>
    /// <param name="column">Column, from 1.</param>
    /// <param name="fault">What is wrong, without the place.</param>
    public YamlFormatException(string source, long line, long column, string fault)
        : base($"{source}:{line}:{column}: {fault}")
    {
        SourceName = source;
        Line = line;
        Column = column;
        Fault = fault;
    }

    /// <summary>Where the text came from.</summary>
    public string SourceName { get; }

    /// <summary>Line of the fault, from 1.</summary>
    public long Line { get; }

    /// <summary>Column of the fault, from 1.</summary>
    public long Column { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Fault { get; }
}
