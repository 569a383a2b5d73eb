using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Images;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Whom the programs of a container run as, by its image and by its pod's security context.</summary>
/// <param name="User">Null: whoever runs the node.</param>
/// <param name="Refused">What of the security context is not honoured, and why; null: all is.</param>
internal sealed record RunAs(UserAccount? User, string? Refused = null)
{
    private const long MostId = int.MaxValue;

    /// <param name="pod">The pod.</param>
    /// <param name="container">One of its containers.</param>
    /// <param name="image">What its image is here.</param>
    public static RunAs Of(PodSpec pod, Container container, KnownImage image)
    {
        var (user, group) = (container.SecurityContext?.RunAsUser ?? pod.SecurityContext?.RunAsUser, container.SecurityContext?.RunAsGroup ?? pod.SecurityContext?.RunAsGroup);
        var own = image.User is null ? null : UserAccount.Find(image.User);
        long?[] asked = [user, group, pod.SecurityContext?.FsGroup];
        if (!Environment.IsPrivilegedProcess)
        {
            return asked.Any(number => number is not null)
                ? new(null, $"{Told(user, group, pod.SecurityContext?.FsGroup)} not honoured: the node does not run as root, and programs run as {Environment.UserName}")
                : new(User: null);
        }

        // Numbers of an image's own user are that user, whose number here is another; root of an image that has one steps down to it.
        if (own is not null)
        {
            return user is null or 0 || image.UserIds.Contains(user.Value)
                ? new(own)
                : new(own, $"{Told(user, group, null)} not honoured: image {image.Image} runs as user {own.Name} of this machine");
        }

        if (asked.All(number => number is null) && pod.SecurityContext?.SupplementalGroups is null)
        {
            return new(User: null);
        }

        if (asked.Any(number => number is < 0 or > MostId))
        {
            return new(null, $"{Told(user, group, pod.SecurityContext?.FsGroup)} not honoured: there are no such numbers");
        }

        if (!UserAccount.CanBecome)
        {
            return new(null, $"{Told(user, group, pod.SecurityContext?.FsGroup)} not honoured: setpriv, of util-linux, is not on this machine");
        }

        // A program of this machine that lies where nobody else gets, or what it needs.
        if (user > 0 && image.Entrypoint.Take(1).Concat(image.Env.Values).Where(Path.IsPathRooted).Select(path => Permissions.ClosedTo(Path.GetDirectoryName(path) ?? "/"))
            .FirstOrDefault(place => place is not null) is { } closed)
        {
            return new(null, $"{Told(user, group, null)} not honoured: {closed} is closed to others, and {image.Image} needs what is below");
        }

        var account = UserAccount.Of((uint)(user ?? 0));
        var groups = account.Groups.Concat((pod.SecurityContext?.SupplementalGroups ?? []).Where(number => number is >= 0 and <= MostId).Select(number => (uint)number));
        if (pod.SecurityContext?.FsGroup is { } files)
        {
            groups = groups.Append((uint)files);
        }

        return new(account with { Group = (uint?)group ?? account.Group, Groups = [.. groups.Distinct()] });
    }

    private static string Told(long? user, long? group, long? files) =>
        string.Join(", ", ((string, long?)[])[("runAsUser", user), ("runAsGroup", group), ("fsGroup", files)] is var all ? all.Where(one => one.Item2 is not null).Select(one => $"{one.Item1} {one.Item2}") : []);
}
