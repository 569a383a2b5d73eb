using Capstan.Cel.Kubernetes.Admission;
using Pattern = System.Text.RegularExpressions.Regex;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Authorizers as the facts describe them: in the words of the Go that made them.</summary>
internal static class FactAuthorizer
{
    /// <summary>One that knows no opinion, or an error, or allows exactly one question.</summary>
    public static AuthorizationCheck Of(string description)
    {
        var error = Pattern.Match(description, "error \"([^\"]*)\"") is { Success: true } match ? match.Groups[1].Value : null;
        if (!description.StartsWith("allows only", StringComparison.Ordinal))
        {
            return _ => new(false, "fake reason", error);
        }

        var allowed = new AuthorizationQuestion
        {
            Verb = Field("Verb"),
            Group = Field("APIGroup"),
            Resource = Field("Resource"),
            Subresource = Field("Subresource"),
            Namespace = Field("Namespace"),
            Name = Field("Name"),
            FieldSelector = description.Contains("FieldSelectorRequirements", StringComparison.Ordinal) ? "foo=bar" : "",
            LabelSelector = description.Contains("LabelSelectorRequirements", StringComparison.Ordinal) ? "apple=banana" : "",
        };
        return question => new(question == allowed, "fake reason");

        string Field(string name) => Pattern.Match(description, $@"\b{name}: ""([^""]*)""") is { Success: true } found ? found.Groups[1].Value : "";
    }
}
