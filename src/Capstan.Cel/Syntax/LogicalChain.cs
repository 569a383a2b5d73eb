namespace Capstan.Cel.Syntax;

/// <summary>The terms of <c>a &amp;&amp; b &amp;&amp; c</c>. A balanced tree of them is as high as the logarithm of their number.</summary>
internal sealed class LogicalChain(string function, CelExpr first)
{
    private readonly List<CelExpr> _terms = [first];
    private readonly List<int> _positions = [];

    public void Add(int position, CelExpr term)
    {
        _positions.Add(position);
        _terms.Add(term);
    }

    public CelExpr Balance(NodeFactory nodes) => Balance(nodes, 0, _positions.Count - 1);

    /// <summary>The operator at the top of the operators <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static int Middle(int low, int high) => (low + high + 1) / 2;

    private CelExpr Balance(NodeFactory nodes, int low, int high)
    {
        if (low > high)
        {
            return _terms[low];
        }

        var middle = Middle(low, high);
        var left = Balance(nodes, low, middle - 1);
        var right = Balance(nodes, middle + 1, high);
        return nodes.Call(SourceSpan.Between(left.Span.Start, right.Span.End, _positions[middle]), function, null, left, right);
    }
}
