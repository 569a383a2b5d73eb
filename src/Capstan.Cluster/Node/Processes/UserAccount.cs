using System.Globalization;

namespace Capstan.Cluster.Node.Processes;

/// <summary>A user of this machine, or the number of one, that programs run as.</summary>
/// <param name="Name">As the machine knows it; the number where it knows none.</param>
/// <param name="Id">Its number.</param>
/// <param name="Group">Its first group.</param>
/// <param name="Groups">Its other groups.</param>
internal sealed record UserAccount(string Name, uint Id, uint Group, IReadOnlyList<uint> Groups)
{
    /// <summary>What stands before a command so that it runs as this user; nothing if we cannot become another.</summary>
    public IReadOnlyList<string> Prefix => Environment.IsPrivilegedProcess
        ? ["setpriv", $"--reuid={Text(Id)}", $"--regid={Text(Group)}", Groups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', Groups.Select(Text))}", "--"]
        : [];

    /// <summary>Whether the program is there by which root becomes another.</summary>
    public static bool CanBecome { get; } = ((string[])["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]).Any(place => File.Exists(Path.Combine(place, "setpriv")));

    /// <summary>Looks a user up by name; null if there is none.</summary>
    public static UserAccount? Find(string name) => Accounts().FirstOrDefault(account => account.Name == name) is { } found ? found with { Groups = GroupsOf(name) } : null;

    /// <summary>A user by number, with the groups that the machine gives it, if it knows it.</summary>
    public static UserAccount Of(uint id) => Accounts().FirstOrDefault(account => account.Id == id) is { } found
        ? found with { Groups = GroupsOf(found.Name) }
        : new(Text(id), id, id, []);

    /// <summary>Gives a directory or file to the user, if we may.</summary>
    public void Own(string path)
    {
        if (Environment.IsPrivilegedProcess)
        {
            Posix.ChangeOwner(path, Id, Group);
        }
    }

    private static IEnumerable<UserAccount> Accounts()
    {
        foreach (var fields in File.ReadLines("/etc/passwd").Select(line => line.Split(':')))
        {
            if (fields.Length >= 4 && uint.TryParse(fields[2], out var id) && uint.TryParse(fields[3], out var group))
            {
                yield return new(fields[0], id, group, []);
            }
        }
    }

    private static List<uint> GroupsOf(string user)
    {
        var groups = new List<uint>();
        foreach (var fields in File.ReadLines("/etc/group").Select(line => line.Split(':')))
        {
            if (fields.Length >= 4 && fields[3].Split(',').Contains(user) && uint.TryParse(fields[2], out var id))
            {
                groups.Add(id);
            }
        }

        return groups;
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
