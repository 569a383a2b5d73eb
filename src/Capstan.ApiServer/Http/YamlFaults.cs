using System.Globalization;
using Capstan.Yaml;

namespace Capstan.ApiServer.Http;

/// <summary>Faults of YAML as Kubernetes' parser tells them.</summary>
internal static class YamlFaults
{
    /// <summary>For example <c>yaml: line 1: did not find expected ',' or '}'</c>.</summary>
    public static string Message(YamlFormatException fault)
    {
        // It names what has no place without one; and counts lines from 0 where a whole construct is wrong, from 1 where a character is.
        if (fault.Fault.StartsWith("unknown anchor", StringComparison.Ordinal))
        {
            return $"yaml: {fault.Fault}";
        }

        var line = fault.Fault.StartsWith("did not find expected", StringComparison.Ordinal) ? fault.Line - 1 : fault.Line;
        return line > 0 ? string.Create(CultureInfo.InvariantCulture, $"yaml: line {line}: {fault.Fault}") : $"yaml: {fault.Fault}";
    }
}
