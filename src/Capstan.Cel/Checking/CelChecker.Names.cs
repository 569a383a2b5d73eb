using Capstan.Cel.Syntax;

namespace Capstan.Cel.Checking;

/// <summary>Names, and selections, which may be names too.</summary>
internal sealed partial class CelChecker
{
    private CelType CheckIdentifier(IdentExpr ident)
    {
        if (FindLocal(ident.Name) is { } local)
        {
            _references[ident.Id] = new CheckedReference(ReferenceKind.Local, ident.Name);
            return local;
        }

        _references[ident.Id] = _environment.FindIdentifier(ident.Name, out var type);
        if (_references[ident.Id] is null)
        {
            Report(ident, Undeclared(ident.Name));
        }

        return type;
    }

    private CelType CheckSelection(SelectExpr select)
    {
        if (!select.IsTestOnly && !select.IsOptional && NameOf(select) is { } name
            && _environment.FindIdentifier(name, out var named) is { } reference)
        {
            _references[select.Id] = reference;
            return named;
        }

        var operand = _bindings.Resolve(Check(select.Operand));
        var target = operand.IsOptional ? operand.Parameters[0] : operand;
        var field = TypeOfField(select, target);
        return select.IsTestOnly ? CelType.Bool
            : select.IsOptional || operand.IsOptional ? CelType.Optional(field)
            : field;
    }

    private CelType TypeOfField(SelectExpr select, CelType target)
    {
        switch (target.Kind)
        {
            case CelTypeKind.Map:
                // A map whose keys cannot be strings has no such field: the same as an index of the wrong type.
                return target.Parameters[1];
            case CelTypeKind.Object:
                if (((CelObjectType)target).FieldType(select.Field) is { } type)
                {
                    return type;
                }

                Report(select, $"undefined field '{select.Field}'");
                return CelType.Error;
            case CelTypeKind.Dyn or CelTypeKind.Error:
                return CelType.Dyn;
            case CelTypeKind.Parameter:
                _bindings.Unify(CelType.Dyn, target);
                return CelType.Dyn;
            default:
                Report(select, $"type '{Text(target)}' does not support field selection");
                return CelType.Error;
        }
    }

    /// <summary>A chain of selections as a name with dots; null when it is none, or begins with a local variable, whose fields they are.</summary>
    private string? NameOf(CelExpr node)
    {
        var root = node;
        while (root is SelectExpr { IsTestOnly: false, IsOptional: false } select)
        {
            root = select.Operand;
        }

        if (root is not IdentExpr ident || !_environment.MayBeSpace(ident.Name) || FindLocal(ident.Name) is not null)
        {
            return null;
        }

        var fields = new Stack<string>();
        for (; node is SelectExpr select; node = select.Operand)
        {
            fields.Push(select.Field);
        }

        return string.Join('.', fields.Prepend(ident.Name));
    }

    private CelType? FindLocal(string name)
    {
        _bindings.Work(_locals.Count);
        for (var i = _locals.Count - 1; i >= 0; i--)
        {
            if (_locals[i].Name == name)
            {
                return _locals[i].Type;
            }
        }

        return null;
    }
}
