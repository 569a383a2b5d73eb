using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Capstan.ApiServer.Http;

/// <summary>One clause of an <c>Accept</c> header.</summary>
internal sealed record MediaRange(string Type, string Subtype, double Quality, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>The clauses of a request, the best first: by quality, then the exact before those with a star. None at all is one that takes anything.</summary>
    public static IEnumerable<MediaRange> All(HttpRequest request)
    {
        var accept = string.Join(',', request.Headers.Accept.ToArray());
        return (string.IsNullOrWhiteSpace(accept) ? "*/*" : accept).Split(',').Select(Parse)
            .OrderByDescending(r => r.Quality).ThenBy(r => r.Type == "*").ThenBy(r => r.Subtype == "*");
    }

    /// <summary>Value of a parameter; null when it is not there.</summary>
    public string? Parameter(string name) => Parameters.GetValueOrDefault(name);

    /// <summary>Whether a media type, such as <c>application/json</c>, is of this range.</summary>
    public bool Includes(string mediaType)
    {
        var slash = mediaType.IndexOf('/', StringComparison.Ordinal);
        return (Type == "*" && Subtype == "*") || (mediaType.AsSpan(0, slash).SequenceEqual(Type) && (Subtype == "*" || mediaType.AsSpan(slash + 1).SequenceEqual(Subtype)));
    }

    private static MediaRange Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var quality = 1.0;
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part, "") : (part[..equals].Trim(), part[(equals + 1)..].Trim().Trim('"'));
            if (name == "q")
            {
                quality = double.TryParse(value, CultureInfo.InvariantCulture, out var given) ? given : 1.0;
            }
            else
            {
                parameters[name] = value;
            }
        }

        var type = parts[0].ToLowerInvariant().Split('/', 2);
        return new(type[0].Trim(), type.Length > 1 ? type[1].Trim() : "", quality, parameters);
    }
}
