using Databases.Sql;

namespace Databases.Tests.Sql;

public class ScramVerifierTests
{
    /// <summary>The example of RFC 7677: its server's signature and client's proof come from these keys.</summary>
    [Fact]
    public void A_password_becomes_what_the_standard_says() => Assert.Equal(
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
        ScramVerifier.Of("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")));

    [Theory]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a'b\\", "\"a'b\\\"")]
    public void Names_are_quoted(string name, string quoted) => Assert.Equal(quoted, SqlText.Identifier(name));

    [Fact]
    public void Texts_are_quoted() => Assert.Equal("'o''neil\\'", SqlText.Literal("o'neil\\"));
}
