namespace Capstan.Dashboard.Trees;

/// <summary>An object in a tree.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace; empty for those that have none.</param>
/// <param name="Name">Its name.</param>
internal sealed record TreeNode(string Kind, string Namespace, string Name)
{
    /// <summary>How it is, in a word.</summary>
    public string? State { get; init; }

    /// <summary>How it is, for people.</summary>
    public string? Message { get; init; }

    /// <summary>The objects that it owns.</summary>
    public IReadOnlyList<TreeNode> Children { get; init; } = [];
}
