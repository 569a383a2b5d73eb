using Capstan.Selectors;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Objects.Tests.Selectors;

public class SelectorPropertyTests
{
    private static readonly Gen<string> Requirement =
        from key in Gen.Elements("a", "b.c", "x.io/d", "in", "notin")
        from form in Gen.Elements("{0}", "!{0}", "{0}={1}", "{0}=={1}", "{0}!={1}", "{0} in ({1},{2})", "{0} notin ({2},{1},{1})", "{0}>7", "{0} < 12")
        from first in Gen.Elements("", "v", "in", "Z-1_x")
        from second in Gen.Elements("", "w", "notin")
        select string.Format(System.Globalization.CultureInfo.InvariantCulture, form, key, first, second);

    private static readonly Arbitrary<string> Selectors = Gen.ListOf(Requirement, 3).Select(all => string.Join(',', all)).ToArbitrary();

    [Fact]
    public void What_is_printed_parses_to_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(Selectors, text =>
    {
        var printed = LabelSelector.Parse(text).ToString();
        return printed == LabelSelector.Parse(printed).ToString();
    }));

    [Fact]
    public void Any_text_parses_or_is_refused() => Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
    {
        try
        {
            return LabelSelector.Parse(text ?? "") is not null;
        }
        catch (FormatException)
        {
            return true;
        }
    }));

    [Fact]
    public void Field_selectors_print_and_parse_to_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), value =>
    {
        var requirement = new FieldRequirement("metadata.name", FieldOperator.NotEquals, value ?? "");
        return FieldSelector.Parse(requirement.ToString()).Requirements.Single() == requirement;
    }));
}
