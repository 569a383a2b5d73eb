using Capstan.Caching;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>What a list beside a watch brings, when the watch tells of ends meanwhile.</summary>
public sealed class GainedObjectsTests
{
    [Theory]
    [InlineData("9", false)]
    [InlineData("10", false)]
    [InlineData("11", true)]
    [InlineData("of no order", false)]
    public void What_ended_counts_only_if_the_list_has_it_of_after_its_end(string listed, bool counts)
    {
        var gained = new GainedObjects(null!);
        gained.Add(Map("a", listed));
        gained.Add(Map("b", "3"));
        gained.Gone(new("n", "a"), "10");
        Assert.Equal(counts ? ["a", "b"] : ["b"], gained.Found.Select(found => found.Key.Name));
    }

    private static DynamicObject Map(string name, string version) => DynamicObject.Parse(
        System.Text.Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"n","resourceVersion":"{{{version}}}"}}"""));
}
