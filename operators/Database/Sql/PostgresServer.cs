using System.Globalization;
using Npgsql;

namespace Databases.Sql;

/// <summary>One connection to one server, and all that the operator does there. Everything can be done twice.</summary>
internal sealed class PostgresServer(NpgsqlDataSource source, NpgsqlConnection connection) : IAsyncDisposable
{
    // --- roles and databases -----------------------------------------------------------------------------------------------------------------

    /// <summary>Makes a role of what applications may be, with this password and nothing that it should not have, and lets it in.</summary>
    public async Task EnsureApplicationRoleAsync(string name, string password, CancellationToken cancellationToken)
    {
        await CreateRoleAsync(name, cancellationToken);
        await RunAsync(
            $"ALTER ROLE {SqlText.Identifier(name)} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 PASSWORD {SqlText.Literal(ScramVerifier.Of(password))}",
            cancellationToken);
    }

    /// <summary>Makes the role that standbys stream as.</summary>
    public async Task EnsureReplicationRoleAsync(string password, CancellationToken cancellationToken)
    {
        await CreateRoleAsync(ReplicationRole, cancellationToken);
        await RunAsync($"ALTER ROLE {ReplicationRole} WITH LOGIN REPLICATION NOSUPERUSER PASSWORD {SqlText.Literal(ScramVerifier.Of(password))}", cancellationToken);
    }

    /// <summary>Makes a database, owned by a role.</summary>
    public async Task EnsureDatabaseAsync(string name, string owner, CancellationToken cancellationToken)
    {
        if (await ReadAsync<bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", cancellationToken, name))
        {
            await RunAsync($"ALTER DATABASE {SqlText.Identifier(name)} OWNER TO {SqlText.Identifier(owner)}", cancellationToken);
        }
        else
        {
            await RunAsync($"CREATE DATABASE {SqlText.Identifier(name)} OWNER {SqlText.Identifier(owner)}", cancellationToken);
        }
    }

    // --- replication -------------------------------------------------------------------------------------------------------------------------

    /// <summary>Whether the server is a standby.</summary>
    public Task<bool> IsStandbyAsync(CancellationToken cancellationToken) => ReadAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken);

    /// <summary>Gives each of these standbys a slot, by which the primary keeps what they lack, and takes those of the same prefix that are nobody's.</summary>
    /// <param name="prefix">What the names of all slots of this Database begin with.</param>
    /// <param name="wanted">Names.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <returns>Slots that are new because the primary could not keep all that the old ones stood for: their standbys cannot go on; and whether one that is nobody's is in
    /// use still, by a pod that is going.</returns>
    public async Task<(List<string> Lost, bool HasLeftOver)> EnsureSlotsAsync(string prefix, IReadOnlyCollection<string> wanted, CancellationToken cancellationToken)
    {
        var lost = await ReadAllAsync(
            "SELECT slot_name::text, pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE slot_type = 'physical' AND wal_status = 'lost' AND NOT active", row => row.GetString(0), cancellationToken);
        var present = await ReadAllAsync("SELECT slot_name::text FROM pg_replication_slots WHERE slot_type = 'physical'", row => row.GetString(0), cancellationToken);
        foreach (var name in wanted.Except(present))
        {
            await ReadAsync<string>("SELECT slot_name::text FROM pg_create_physical_replication_slot($1)", cancellationToken, name);
        }

        var hasLeftOver = false;
        foreach (var name in present.Except(wanted).Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.AsSpan(prefix.Length) is { Length: > 0 } rest && !rest.ContainsAnyExceptInRange('0', '9')))
        {
            var dropped = await ReadAllAsync("SELECT pg_drop_replication_slot(slot_name) IS NULL FROM pg_replication_slots WHERE slot_name = $1 AND NOT active", _ => true, cancellationToken, name);
            hasLeftOver |= dropped.Count == 0;
        }

        return ([.. lost.Intersect(wanted)], hasLeftOver);
    }

    /// <summary>Bounds what of its write-ahead log a server keeps.</summary>
    /// <param name="slots">What slots may keep at most: a standby that is away for longer is cloned anew, and the volume does not fill.</param>
    /// <param name="always">What is kept in any case: from it a former primary's files are rewound.</param>
    /// <param name="cancellationToken">Of the run.</param>
    public async Task EnsureLogKeptAsync(long slots, long always, CancellationToken cancellationToken)
    {
        if (await SetAsync("max_slot_wal_keep_size", slots, cancellationToken) | await SetAsync("wal_keep_size", always, cancellationToken))
        {
            await ReloadAsync(cancellationToken);
        }
    }

    /// <summary>The standbys that are connected.</summary>
    public Task<List<Standby>> StandbysAsync(CancellationToken cancellationToken) => ReadAllAsync(
        "SELECT application_name, coalesce(state, ''), coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint FROM pg_stat_replication WHERE usename = 'streaming_replica'",
        row => new Standby(row.GetString(0), row.GetString(1), row.GetInt64(2)),
        cancellationToken);

    // --- switchover --------------------------------------------------------------------------------------------------------------------------

    /// <summary>Lets an application's role in no more, lets others only read, and ends the sessions of all clients. A default alone would not do: whoever insists may write in spite of it.</summary>
    public async Task StopWritesAsync(string role, CancellationToken cancellationToken)
    {
        await InsistAsync(cancellationToken);
        await RunAsync($"ALTER ROLE {SqlText.Identifier(role)} CONNECTION LIMIT 0", cancellationToken);
        await RunAsync("ALTER SYSTEM SET default_transaction_read_only = on", cancellationToken);
        await ReloadAsync(cancellationToken);
        await EndSessionsAsync(cancellationToken);
    }

    /// <summary>Ends the sessions of all clients but this one.</summary>
    public Task EndSessionsAsync(CancellationToken cancellationToken) => ReadAllAsync(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()", _ => true, cancellationToken);

    /// <summary>Takes <see cref="StopWritesAsync"/> back, but for the role, which <see cref="EnsureApplicationRoleAsync"/> lets in again.</summary>
    public async Task ResumeWritesAsync(CancellationToken cancellationToken)
    {
        await InsistAsync(cancellationToken);
        await RunAsync("ALTER SYSTEM RESET default_transaction_read_only", cancellationToken);
        await ReloadAsync(cancellationToken);
    }

    /// <summary>Whether <see cref="StopWritesAsync"/> holds.</summary>
    public Task<bool> IsReadOnlyAsync(CancellationToken cancellationToken) =>
        ReadAsync<bool>("SELECT EXISTS (SELECT FROM pg_file_settings WHERE name = 'default_transaction_read_only' AND setting = 'on')", cancellationToken);

    /// <summary>End of what the primary has written.</summary>
    public Task<string> WrittenAsync(CancellationToken cancellationToken) => ReadAsync<string>("SELECT pg_current_wal_lsn()::text", cancellationToken);

    /// <summary>Whether the standby has replayed up to there.</summary>
    public Task<bool> HasReplayedAsync(string position, CancellationToken cancellationToken) =>
        ReadAsync<bool>("SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)", cancellationToken, position);

    /// <summary>Makes a standby the primary, and returns when its files say so: before, pg_rewind of the former primary would find nothing to do.</summary>
    /// <returns>Whether it is the primary.</returns>
    public async Task<bool> PromoteAsync(CancellationToken cancellationToken)
    {
        if (await IsStandbyAsync(cancellationToken) && !await ReadAsync<bool>("SELECT pg_promote(true, 60)", cancellationToken))
        {
            return false;
        }

        await RunAsync("CHECKPOINT", cancellationToken);
        return await ReadAsync<bool>(
            "SELECT timeline_id = ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int FROM pg_control_checkpoint()", cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await source.DisposeAsync();
    }

    private const string ReplicationRole = "streaming_replica";

    /// <summary>Has this session write where others can only read.</summary>
    private Task InsistAsync(CancellationToken cancellationToken) => RunAsync("SET default_transaction_read_only = off", cancellationToken);

    private async Task CreateRoleAsync(string name, CancellationToken cancellationToken)
    {
        if (!await ReadAsync<bool>("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", cancellationToken, name))
        {
            await RunAsync($"CREATE ROLE {SqlText.Identifier(name)}", cancellationToken);
        }
    }

    /// <summary>Sets an amount in mebibytes, for now and after restarts, once it is reloaded.</summary>
    private async Task<bool> SetAsync(string setting, long mebibytes, CancellationToken cancellationToken)
    {
        var wanted = mebibytes.ToString(CultureInfo.InvariantCulture);
        if (await ReadAsync<string>("SELECT setting FROM pg_settings WHERE name = $1", cancellationToken, setting) == wanted)
        {
            return false;
        }

        await RunAsync($"ALTER SYSTEM SET {setting} = '{wanted}MB'", cancellationToken);
        return true;
    }

    private Task ReloadAsync(CancellationToken cancellationToken) => ReadAsync<bool>("SELECT pg_reload_conf()", cancellationToken);

    private async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<T> ReadAsync<T>(string sql, CancellationToken cancellationToken, params string[] parameters) =>
        (await ReadAllAsync(sql, row => row.GetFieldValue<T>(0), cancellationToken, parameters))[0];

    private async Task<List<T>> ReadAllAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params string[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        }

        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var result = new List<T>();
        while (await rows.ReadAsync(cancellationToken))
        {
            result.Add(read(rows));
        }

        return result;
    }
}

/// <summary>A standby as its primary sees it.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="State">PostgreSQL's word for it.</param>
/// <param name="LagBytes">What it has not replayed yet.</param>
internal sealed record Standby(string Pod, string State, long LagBytes);
