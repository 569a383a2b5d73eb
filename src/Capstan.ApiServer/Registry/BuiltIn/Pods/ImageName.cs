using System.Text.RegularExpressions;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Names of images, as registries have them.</summary>
internal static partial class ImageName
{
    /// <summary>Whether an image names the latest of its builds, which is also meant when it names no tag and no digest. What is no name means nothing.</summary>
    public static bool IsLatest(string image)
    {
        // The part before the first slash is a host if it looks like one; all else is lower case.
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var hasHost = slash > 0 && (image.AsSpan(0, slash).ContainsAny('.', ':') || image[..slash] == "localhost" || image[..slash].Any(char.IsAsciiLetterUpper));
        var name = Name().Match(hasHost ? image[(slash + 1)..] : image);
        return name.Success && (!hasHost || Host().IsMatch(image[..slash])) && (name.Groups["tag"].Success ? name.Groups["tag"].Value == "latest" : !name.Groups["digest"].Success);
    }

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::(?<tag>\w[\w.-]{0,127}))?(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\z", RegexOptions.ECMAScript)]
    private static partial Regex Name();

    [GeneratedRegex(@"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?\z")]
    private static partial Regex Host();
}
