namespace Placeholder;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
