namespace Capstan.Patching;

/// <summary>A field that an apply wants to set to another value than its owner did.</summary>
/// <param name="Manager">Name of the owner.</param>
/// <param name="Message">As in the cause of the Status: <c>conflict with "kubectl-edit" using apps/v1</c>.</param>
/// <param name="Field">As in the cause of the Status: <c>.spec.replicas</c>.</param>
public sealed record ApplyConflict(string Manager, string Message, string Field);

/// <summary>An apply meets fields of other managers and is not forced. <see cref="Exception.Message"/> is that of Kubernetes' Status (409, reason Conflict,
/// each of <see cref="Conflicts"/> a cause with reason FieldManagerConflict).</summary>
public sealed class ApplyConflictException : Exception
{
    private readonly IReadOnlyDictionary<OwnerId, FieldSet> _fields;

    private ApplyConflictException(string message, IReadOnlyList<ApplyConflict> conflicts, IReadOnlyDictionary<OwnerId, FieldSet> fields)
        : base(message) => (Conflicts, _fields) = (conflicts, fields);

    /// <summary>Sorted by owner, then by field. Not empty.</summary>
    public IReadOnlyList<ApplyConflict> Conflicts { get; }

    internal static ApplyConflictException Of(IReadOnlyDictionary<OwnerId, FieldSet> conflicts)
    {
        var all = new List<ApplyConflict>();
        var lines = new List<string>();
        foreach (var (owner, fields) in conflicts.OrderBy(c => c.Key, Comparer<OwnerId>.Create(OwnerId.CompareForMessages)))
        {
            lines.Add($"conflicts with {owner}:");
            foreach (var path in fields.Paths())
            {
                var field = string.Concat(path);
                all.Add(new(owner.Manager, $"conflict with {owner}", field));
                lines.Add($"- {field}");
            }
        }

        var message = all.Count == 1
            ? $"Apply failed with 1 conflict: {all[0].Message}: {all[0].Field}"
            : $"Apply failed with {all.Count} conflicts: {string.Join('\n', lines)}";
        return new(message, all, conflicts);
    }

    /// <summary>The conflicts about other fields than these; null when none is left.</summary>
    internal ApplyConflictException? Without(FieldSet allowed)
    {
        var rest = new Dictionary<OwnerId, FieldSet>();
        foreach (var (owner, fields) in _fields)
            if (fields.Difference(allowed) is { IsEmpty: false } left) rest[owner] = left;
        return rest.Count == 0 ? null : Of(rest);
    }
}
