using System.Globalization;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>All that an application may want to connect with, in the form that its driver takes.</summary>
internal static class ConnectionTexts
{
    /// <summary>Keys and values of the Secret.</summary>
    public static IEnumerable<(string Key, string Value)> Of(Database database, string password)
    {
        var (host, port) = (ChildNames.Host(database), ChildNames.Port.ToString(CultureInfo.InvariantCulture));
        var (user, name) = (database.Spec.Username, database.Spec.DatabaseName);
        return
        [
            ("username", user),
            ("password", password),
            ("database", name),
            ("dbname", name),
            ("host", host),
            ("port", port),
            ("uri", $"postgresql://{Escape(user)}:{Escape(password)}@{host}:{port}/{Escape(name)}"),
            ("jdbc-uri", $"jdbc:postgresql://{host}:{port}/{Escape(name)}?user={Escape(user)}&password={Escape(password)}"),
            ("pgpass", $"{host}:{port}:{PgpassField(name)}:{PgpassField(user)}:{PgpassField(password)}\n"),
        ];
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    /// <summary>A colon ends a field of that file, and a backslash escapes it.</summary>
    private static string PgpassField(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
