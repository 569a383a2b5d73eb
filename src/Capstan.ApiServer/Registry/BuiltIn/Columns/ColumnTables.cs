namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Which columns the tables of built-in kinds have. A kind that is not here shows its name and when it was created.</summary>
internal static class ColumnTables
{
    private static readonly Dictionary<(string Group, string Kind), IReadOnlyList<TableColumn>> ByKind =
        new List<(string Group, string Kind, IReadOnlyList<TableColumn> Columns)>(
            [.. WorkloadColumns.All, .. ConfigColumns.All, .. NetworkColumns.All, .. StorageColumns.All, .. PolicyColumns.All, .. EventColumns.All])
        .ToDictionary(t => (t.Group, t.Kind), t => t.Columns);

    /// <summary>The columns of a kind.</summary>
    public static IReadOnlyList<TableColumn> Of(string group, string kind) => ByKind.GetValueOrDefault((group, kind), [Column.Name, Column.CreatedAt]);
}
