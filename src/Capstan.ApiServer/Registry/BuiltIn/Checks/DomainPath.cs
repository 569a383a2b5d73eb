using System.Buffers;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Names with a domain before them: <c>example.com/name</c>.</summary>
internal static class DomainPath
{
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~%!$&'()*+,;=:");

    /// <summary>Must be a path with a domain before it.</summary>
    public static void Check(Place place)
    {
        if (!place.HasText)
        {
            place.Required();
            return;
        }

        var slash = place.Text.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == place.Text.Length - 1)
        {
            place.Invalid("must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }

        foreach (var fault in Naming.SubdomainFaults(place.Text[..slash]))
        {
            place.Invalid(place.Text[..slash], fault);
        }

        if (place.Text.AsSpan(slash + 1).ContainsAnyExcept(PathCharacters))
        {
            place.Invalid(place.Text[(slash + 1)..], Naming.Mismatch("Invalid path", @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"));
        }
    }
}
