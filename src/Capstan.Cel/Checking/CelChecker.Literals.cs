using System.Collections.Immutable;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>Whether the parts of each list and map literal have one type, and formats fit what is formatted, where that is asked for.</summary>
internal sealed partial class CelChecker
{
    private readonly List<CelExpr> _literals = [];

    private readonly List<CallExpr> _formatCalls = [];

    // Calls of format around the node that is being checked: what is formatted may be of any types.
    private int _formats;

    // Issues about the values of arguments: the types of everything are known all the same.
    private int _wrongArguments;

    private void NoteLiteral(CelExpr literal)
    {
        if (_environment.Options.HomogeneousLiterals && _formats == 0)
        {
            _literals.Add(literal);
        }
    }

    /// <summary>Only after everything else, and with nothing else wrong: what a literal's parts are may show later in the text.</summary>
    private void CheckLiterals()
    {
        if (_issues.Count > _wrongArguments || _bindings.IsExhausted)
        {
            return;
        }

        foreach (var literal in _literals)
        {
            if (literal is ListExpr list)
            {
                CheckElements(list);
            }
            else
            {
                CheckEntries((MapExpr)literal);
            }
        }

        foreach (var call in _formatCalls)
        {
            if (FormatArguments.Problem(call, _types) is var (node, message))
            {
                Report(node, message);
            }
        }
    }

    private void CheckElements(ListExpr list)
    {
        CelType? first = null;
        for (var i = 0; i < list.Elements.Length; i++)
        {
            if (!HasType(list.Elements[i], list.OptionalIndices.BinarySearch(i) >= 0, ref first))
            {
                return;
            }
        }
    }

    private void CheckEntries(MapExpr map)
    {
        CelType? key = null;
        CelType? value = null;
        foreach (var entry in map.Entries)
        {
            HasType(entry.Key, isOptional: false, ref key);
            HasType(entry.Value, entry.IsOptional, ref value);
        }
    }

    /// <summary>Whether a node has the type of those before it, which the first one sets.</summary>
    private bool HasType(CelExpr node, bool isOptional, ref CelType? wanted)
    {
        var type = _types[node.Id]!;
        type = isOptional && type.IsOptional ? type.Parameters[0] : type;
        if (_bindings.IsSame(wanted ??= type, type))
        {
            return true;
        }

        Report(node, $"expected type '{wanted}' but found '{type}'");
        return false;
    }
}
