using System.Globalization;

namespace Capstan.Cluster.Node.Processes;

/// <summary>A user of this machine that programs of an image run as.</summary>
internal sealed record UserAccount(string Name, uint Id, uint Group, string Home)
{
    /// <summary>What stands before a command so that it runs as this user; nothing if that is who runs us, or whom we cannot become.</summary>
    public IReadOnlyList<string> Prefix => Environment.IsPrivilegedProcess && Id != 0
        ? ["setpriv", $"--reuid={Id.ToString(CultureInfo.InvariantCulture)}", $"--regid={Group.ToString(CultureInfo.InvariantCulture)}", "--init-groups", "--"]
        : [];

    /// <summary>Looks a user up by name; null if there is none.</summary>
    public static UserAccount? Find(string name)
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length >= 6 && fields[0] == name && uint.TryParse(fields[2], out var id) && uint.TryParse(fields[3], out var group))
            {
                return new(name, id, group, fields[5]);
            }
        }

        return null;
    }

    /// <summary>Gives a directory or file to the user, if we may.</summary>
    public void Own(string path)
    {
        if (Environment.IsPrivilegedProcess)
        {
            Posix.ChangeOwner(path, Id, Group);
        }
    }
}
