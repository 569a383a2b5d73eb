using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

public class MacroTests
{
    [Theory]
    [InlineData("has(a.b)", "(has a b)")]
    [InlineData("has(m.?x.y)", "(has (.? m x) y)")]
    [InlineData("l.all(x, x)", "(fold x->@result l true (@not_strictly_false @result) (_&&_ @result x) @result)")]
    [InlineData("l.exists(x, x)", "(fold x->@result l false (@not_strictly_false (!_ @result)) (_||_ @result x) @result)")]
    [InlineData("l.exists_one(x, p)", "(fold x->@result l 0 true (_?_:_ p (_+_ @result 1) @result) (_==_ @result 1))")]
    [InlineData("l.map(x, f)", "(fold x->@result l (list) true (_+_ @result (list f)) @result)")]
    [InlineData("l.map(x, p, f)", "(fold x->@result l (list) true (_?_:_ p (_+_ @result (list f)) @result) @result)")]
    [InlineData("l.filter(x, p)", "(fold x->@result l (list) true (_?_:_ p (_+_ @result (list x)) @result) @result)")]
    [InlineData("l.all(i, v, p)", "(fold i,v->@result l true (@not_strictly_false @result) (_&&_ @result p) @result)")]
    [InlineData("l.exists(i, v, p)", "(fold i,v->@result l false (@not_strictly_false (!_ @result)) (_||_ @result p) @result)")]
    [InlineData("l.existsOne(i, v, p)", "(fold i,v->@result l 0 true (_?_:_ p (_+_ @result 1) @result) (_==_ @result 1))")]
    [InlineData("l.transformList(i, v, f)", "(fold i,v->@result l (list) true (_+_ @result (list f)) @result)")]
    [InlineData("l.transformList(i, v, p, f)", "(fold i,v->@result l (list) true (_?_:_ p (_+_ @result (list f)) @result) @result)")]
    [InlineData("l.transformMap(k, v, f)", "(fold k,v->@result l (map) true (cel.@mapInsert @result k f) @result)")]
    [InlineData("l.transformMap(k, v, p, f)", "(fold k,v->@result l (map) true (_?_:_ p (cel.@mapInsert @result k f) @result) @result)")]
    [InlineData("l.transformMapEntry(k, v, f)", "(fold k,v->@result l (map) true (cel.@mapInsert @result f) @result)")]
    [InlineData("l.transformMapEntry(k, v, p, f)", "(fold k,v->@result l (map) true (_?_:_ p (cel.@mapInsert @result f) @result) @result)")]
    [InlineData("a.b.optMap(x, f)", "(_?_:_ (on hasValue (. a b)) (optional.of (fold #unused->x (list) (on value (. a b)) false x f)) (optional.none))")]
    [InlineData("a.optFlatMap(x, f)", "(_?_:_ (on hasValue a) (fold #unused->x (list) (on value a) false x f) (optional.none))")]
    [InlineData(
        "l.sortBy(e, e.k)",
        "(fold #unused->@__sortBy_input__ (list) l false @__sortBy_input__ (on @sortByAssociatedKeys @__sortBy_input__ "
        + "(fold e->@result @__sortBy_input__ (list) true (_+_ @result (list (. e k))) @result)))")]
    public void Expand(string text, string tree) => Assert.Equal(tree, TreeText.Of(text));

    [Theory]
    [InlineData("cel.bind(x, 1, x + x)", "(fold #unused->x (list) 1 false x (_+_ x x))")]
    [InlineData("cel.block([1], cel.index(0))", "(cel.@block (list 1) @index0)")]
    [InlineData("l.filter(cel.iterVar(0, 1), cel.accuVar(2, 3))", "(fold @it:0:1->@result l (list) true (_?_:_ @ac:2:3 (_+_ @result (list @it:0:1)) @result) @result)")]
    [InlineData("math.greatest(1)", "(math.@max 1)")]
    [InlineData("math.least(a, 2u)", "(math.@min a 2u)")]
    [InlineData("math.least(a, b, 3)", "(math.@min (list a b 3))")]
    [InlineData("other.bind(x, 1, x)", "(on bind other x 1 x)")]
    [InlineData("other.least(1, 2)", "(on least other 1 2)")]
    public void Expand_in_the_dialect_of_the_specification(string text, string tree) => Assert.Equal(tree, TreeText.Of(text, SyntaxOptions.Spec));

    [Theory]
    [InlineData("cel.bind(x, 1, x)", "(on bind cel x 1 x)")]
    [InlineData("math.least(1, 2)", "(on least math 1 2)")]
    [InlineData("has(a, b)", "(has a b)")]
    [InlineData("a.has(b)", "(on has a b)")]
    [InlineData("all(x, y)", "(all x y)")]
    [InlineData("l.map(x)", "(on map l x)")]
    [InlineData(".has(a.b)", "(.has (. a b))")]
    public void What_is_no_macro_stays_a_call(string text, string tree) => Assert.Equal(tree, TreeText.Of(text));

    [Theory]
    [InlineData("has(a)", "1:5: invalid argument to has() macro")]
    [InlineData("has(a.?b)", "1:6: invalid argument to has() macro")]
    [InlineData("has(a[0])", "1:6: invalid argument to has() macro")]
    [InlineData("has(has(a.b))", "1:8: invalid argument to has() macro")]
    [InlineData("l.all(1, x)", "1:7: argument must be a simple name")]
    [InlineData("l.all(.x, x)", "1:8: argument must be a simple name")]
    [InlineData("l.exists(a.b, x)", "1:11: argument must be a simple name")]
    [InlineData("l.map(1, x)", "1:7: argument is not an identifier")]
    [InlineData("l.filter(1, x)", "1:10: argument is not an identifier")]
    [InlineData("l.all(__result__, true)", "1:7: iteration variable overwrites accumulator variable")]
    [InlineData("l.map(__result__, true)", "1:7: iteration variable overwrites accumulator variable")]
    [InlineData("l.all(x, x, true)", "1:10: duplicate variable name: x")]
    [InlineData("l.transformMap(k, 1, true)", "1:19: argument must be a simple name")]
    [InlineData("l.transformList(k, __result__, true)", "1:20: iteration variable overwrites accumulator variable")]
    [InlineData("o.optMap(1, x)", "1:10: optMap() variable name must be a simple identifier")]
    [InlineData("o.optFlatMap(a.b, x)", "1:15: optFlatMap() variable name must be a simple identifier")]
    [InlineData("1.sortBy(e, e)", "1:1: sortBy can only be applied to a list, identifier, comprehension, call or select expression")]
    public void Argument_errors(string text, string expected) => Assert.Equal(expected, Parsed.Error(text));

    [Theory]
    [InlineData("math.greatest()", "1:1: math.greatest() requires at least one argument")]
    [InlineData("math.least('a')", "1:12: math.least() invalid single argument value")]
    [InlineData("math.least([])", "1:12: math.least() invalid single argument value")]
    [InlineData("math.least(1, {})", "1:15: math.least() simple literal arguments must be numeric")]
    [InlineData("cel.bind(a.b, 1, 2)", "1:11: cel.bind() variable names must be simple identifiers")]
    [InlineData("cel.index(-1)", "1:11: argument must be a non-negative integer")]
    [InlineData("cel.block(1, 2)", "1:11: cel.block requires the first arg to be a list literal")]
    public void Argument_errors_in_the_dialect_of_the_specification(string text, string expected) =>
        Assert.Equal(expected, Parsed.Error(text, SyntaxOptions.Spec));

    [Fact]
    public void Call_is_kept_as_it_was_written()
    {
        var ast = Parsed.Ok("l.map(x, has(x.a)).all(y, y)");

        Assert.Equal(3, ast.MacroCalls.Count);
        var call = ast.MacroCalls[ast.Root.Id];
        Assert.Equal("(on all (fold x->@result l (list) true (_+_ @result (list (has x a))) @result) y y)", TreeText.Of(call));
        Assert.Equal("l.map(x, has(x.a)).all(y, y)", CelPrinter.Print(ast));
    }

    [Fact]
    public void Loop_variable_keeps_a_copied_target_apart()
    {
        var ast = Parsed.Ok("a.?b.optMap(x, x).optMap(y, y)");
        var ids = Ids.Of(ast.Root);

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 0, ast.IdCount - 1));
    }
}
