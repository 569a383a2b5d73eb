using System.Net.Sockets;
using Capstan.Queueing;
using Npgsql;

namespace Databases.Sql;

/// <summary>Connects to servers, so many times a second at most, over all Databases: the one place where the operator waits for a limiter.</summary>
/// <param name="limiter">Asked before each connection; null: there is no limit.</param>
internal sealed class PostgresConnections(CallLimiter? limiter)
{
    /// <summary>Connects.</summary>
    /// <param name="address">IP address of the server.</param>
    /// <param name="user">Role to log in as.</param>
    /// <param name="password">Its password.</param>
    /// <param name="database">Database to log in to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NpgsqlException">It does not answer, or refuses.</exception>
    public async Task<PostgresServer> ConnectAsync(string address, string user, string password, string database, CancellationToken cancellationToken)
    {
        await limiter.WaitAsync(cancellationToken);
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = address,
            Port = Desired.ChildNames.Port,
            Username = user,
            Password = password,
            Database = database,
            ApplicationName = "database-operator",
            Timeout = 5,
            CommandTimeout = 70,
            Pooling = false,
            SslMode = SslMode.Disable,
        };
        var source = new NpgsqlSlimDataSourceBuilder(text.ConnectionString).Build();
        try
        {
            return new(source, await source.OpenConnectionAsync(cancellationToken));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects as the superuser.</summary>
    /// <exception cref="NpgsqlException">It does not answer, or refuses.</exception>
    public Task<PostgresServer> ConnectAsync(string address, string superuserPassword, CancellationToken cancellationToken) =>
        ConnectAsync(address, "postgres", superuserPassword, "postgres", cancellationToken);

    /// <summary>Whether an error means that a server does not answer, rather than that it refuses.</summary>
    public static bool IsUnreachable(Exception error) =>
        error is SocketException or TimeoutException or IOException or NpgsqlException and not PostgresException
        || error is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };

    /// <summary>Whether a server knows another password.</summary>
    public static bool IsWrongPassword(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword };
}
