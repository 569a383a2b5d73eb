namespace Capstan.Patching;

/// <summary>Brings owned fields up to a schema that has changed since: what became atomic is owned as a whole.</summary>
internal static class SchemaReconciliation
{
    public static FieldSet Reconcile(FieldSet fields, MergeType type)
    {
        List<FieldSet.Node>? changed = null;
        for (var i = 0; i < fields.Nodes.Length; i++)
        {
            var node = fields.Nodes[i];
            var isDeclared = node.Element.FieldName is not { } name || type.Map is not { } map || map.Field(name) is not null;
            var reconciled = isDeclared ? Reconcile(node, type.At(node.Element)) : node;
            if (changed is null && ReferenceEquals(reconciled.Below, node.Below)) continue;
            changed ??= [.. fields.Nodes];
            changed[i] = reconciled;
        }

        return changed is null ? fields : FieldSet.Of(changed);
    }

    private static FieldSet.Node Reconcile(FieldSet.Node node, MergeType type)
    {
        if (node.Below.IsEmpty) return node;
        var isAtomic = type.Forms.HasFlag(MergeForms.Map) ? type.Map!.IsAtomic
            : !type.Forms.HasFlag(MergeForms.Scalar) && type.List!.IsAtomic;
        if (isAtomic && !(type.Map?.IsDeduced ?? false)) return new(node.Element, true, FieldSet.Empty);
        if (type.Map is { IsDeduced: true } || type.Forms == MergeForms.Scalar) return node;
        return node with { Below = Reconcile(node.Below, type) };
    }
}
