using System.Text.Json.Nodes;
using Capstan.Yaml;

namespace Capstan.Client;

/// <summary>Reads kubeconfig files. Of several the first that names a cluster, user, context or current-context wins, as in kubectl.</summary>
internal sealed class KubeConfigFile
{
    private readonly Dictionary<string, Entry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _contexts = new(StringComparer.Ordinal);
    private string? _currentContext;

    public static KubeConfig Load(IReadOnlyList<string> paths, bool mustExist, string? context)
    {
        var merged = new KubeConfigFile();
        var read = 0;
        foreach (var path in paths)
        {
            if (mustExist || File.Exists(path))
            {
                merged.Read(path);
                read++;
            }
        }

        var sources = string.Join(Path.PathSeparator, paths);
        return read == 0 ? throw new KubeConfigException($"KUBECONFIG: none of {sources} exists") : merged.Resolve(context, sources);
    }

    /// <summary><c>file: field</c> for what stands at the top of the file, else <c>file: parent.field</c>.</summary>
    private static string Field(string where, string name) => where.Contains(": ", StringComparison.Ordinal) ? $"{where}.{name}" : $"{where}: {name}";

    private static string? Text(JsonObject from, string name, string where) => from[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new KubeConfigException($"{Field(where, name)}: must be a string"),
    };

    private static bool Flag(JsonObject from, string name, string where) => from[name] switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => throw new KubeConfigException($"{Field(where, name)}: must be true or false"),
    };

    private static IEnumerable<JsonObject> Items(JsonObject from, string name, string where)
    {
        var list = from[name] switch
        {
            null => [],
            JsonArray array => array,
            _ => throw new KubeConfigException($"{Field(where, name)}: must be a list"),
        };
        for (var i = 0; i < list.Count; i++)
        {
            yield return list[i] as JsonObject ?? throw new KubeConfigException($"{Field(where, name)}[{i}]: must be an object");
        }
    }

    private static List<string> Texts(JsonObject from, string name, string where)
    {
        return from[name] switch
        {
            null => [],
            JsonArray array => [.. array.Select((item, i) =>
                item is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new KubeConfigException($"{Field(where, name)}[{i}]: must be a string"))],
            _ => throw new KubeConfigException($"{Field(where, name)}: must be a list"),
        };
    }

    /// <summary>What <paramref name="name"/>-data holds in base64, or the file of <paramref name="name"/>; data wins.</summary>
    private static string? Pem(Entry entry, string name)
    {
        if (Text(entry.Body, name + "-data", entry.Where) is { Length: > 0 } data)
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException error)
            {
                throw new KubeConfigException($"{entry.Where}.{name}-data: {error.Message}", error);
            }
        }

        if (Text(entry.Body, name, entry.Where) is not { Length: > 0 } file)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(entry.Relative(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{entry.Where}.{name}: {error.Message}", error);
        }
    }

    private static Uri? Address(Entry entry, string name, string scheme = "http")
    {
        if (Text(entry.Body, name, entry.Where) is not { Length: > 0 } text)
        {
            return null;
        }

        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"{scheme}://{text}", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5"
            ? uri
            : throw new KubeConfigException($"{entry.Where}.{name}: '{text}' is not an address");
    }

    /// <summary>The file that <see cref="Pem"/> read; null if it read data.</summary>
    private static string? PemFile(Entry entry, string name) =>
        Text(entry.Body, name + "-data", entry.Where) is { Length: > 0 } || Text(entry.Body, name, entry.Where) is not { Length: > 0 } file ? null : entry.Relative(file);

    /// <summary>What the cluster tells plugins, of whatever form.</summary>
    private static string? PluginConfig(Entry cluster)
    {
        foreach (var extension in Items(cluster.Body, "extensions", cluster.Where))
        {
            if (Text(extension, "name", cluster.Where + ".extensions") == "client.authentication.k8s.io/exec")
            {
                return extension["extension"]?.ToJsonString();
            }
        }

        return null;
    }

    private static Impersonation? Impersonated(Entry user)
    {
        var (uid, groups, extra) = (Text(user.Body, "as-uid", user.Where), Texts(user.Body, "as-groups", user.Where), Extra(user));
        if (Text(user.Body, "as", user.Where) is not { Length: > 0 } name)
        {
            return string.IsNullOrEmpty(uid) && groups.Count == 0 && extra.Count == 0 ? null
                : throw new KubeConfigException($"{user.Where}.as: missing beside as-uid, as-groups or as-user-extra");
        }

        try
        {
            return new Impersonation { User = name, Uid = uid, Groups = groups, Extra = extra }.Validate();
        }
        catch (ArgumentException error)
        {
            throw new KubeConfigException($"{user.Where}.as: {error.Message}", error);
        }
    }

    private static ExecPlugin? Plugin(Entry user, Entry cluster)
    {
        if (user.Body["auth-provider"] is not null)
        {
            throw new KubeConfigException($"{user.Where}.auth-provider: no longer a part of Kubernetes; use exec");
        }

        if (user.Body["exec"] is not { } given)
        {
            return null;
        }

        var exec = given as JsonObject ?? throw new KubeConfigException($"{user.Where}.exec: must be an object");

        var where = user.Where + ".exec";
        var command = Text(exec, "command", where) ?? throw new KubeConfigException($"{where}.command: missing");
        var version = Text(exec, "apiVersion", where) ?? throw new KubeConfigException($"{where}.apiVersion: missing");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw new KubeConfigException($"{where}.apiVersion: '{version}' is not supported; client.authentication.k8s.io/v1 and v1beta1 are");
        }

        switch (Text(exec, "interactiveMode", where))
        {
            case null or "" or "Never" or "IfAvailable":
                break;
            case "Always":
                throw new KubeConfigException($"{where}.interactiveMode: Always needs a terminal, which an operator does not have");
            case { } mode:
                throw new KubeConfigException($"{where}.interactiveMode: '{mode}' is not one of Never, IfAvailable and Always");
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in Items(exec, "env", where))
        {
            variables[Text(variable, "name", where + ".env") ?? throw new KubeConfigException($"{where}.env: a variable without name")] = Text(variable, "value", where + ".env") ?? "";
        }

        return new ExecPlugin
        {
            ApiVersion = version,

            // A bare name is looked up in PATH.
            Command = command.Contains('/', StringComparison.Ordinal) ? user.Relative(command) : command,
            Args = Texts(exec, "args", where),
            Environment = variables,
            ProvideClusterInfo = Flag(exec, "provideClusterInfo", where),
            ClusterConfig = PluginConfig(cluster),
            InstallHint = Text(exec, "installHint", where),
        };
    }

    private static Dictionary<string, IReadOnlyList<string>> Extra(Entry user)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (user.Body["as-user-extra"] is JsonObject given)
        {
            foreach (var (key, _) in given)
            {
                extra[key] = Texts(given, key, user.Where + ".as-user-extra");
            }
        }

        return extra;
    }

    private void Read(string path)
    {
        JsonObject document;
        try
        {
            var documents = YamlReader.ReadAll(File.ReadAllText(path), path);
            if (documents is [] or [null])
            {
                return;
            }

            document = documents[0] as JsonObject ?? throw new KubeConfigException($"{path}: must be an object");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or YamlFormatException)
        {
            throw new KubeConfigException(error.Message.Contains(path, StringComparison.Ordinal) ? error.Message : $"{path}: {error.Message}", error);
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Take(document, "clusters", "cluster", path, directory, _clusters);
        Take(document, "users", "user", path, directory, _users);
        Take(document, "contexts", "context", path, directory, _contexts);
        if (string.IsNullOrEmpty(_currentContext))
        {
            _currentContext = Text(document, "current-context", path);
        }
    }

    private static void Take(JsonObject document, string list, string member, string path, string directory, Dictionary<string, Entry> into)
    {
        foreach (var item in Items(document, list, path))
        {
            var name = Text(item, "name", $"{path}: {list}") ?? throw new KubeConfigException($"{path}: {list}: an entry without name");
            var where = $"{path}: {list}[{name}].{member}";
            var body = item[member] switch
            {
                null => [],
                JsonObject given => given,
                _ => throw new KubeConfigException($"{where}: must be an object"),
            };
            into.TryAdd(name, new(body, where, directory));
        }
    }

    private KubeConfig Resolve(string? context, string sources)
    {
        var name = context ?? _currentContext;
        if (string.IsNullOrEmpty(name))
        {
            throw new KubeConfigException($"{sources}: current-context: not set, and no context was named");
        }

        if (!_contexts.TryGetValue(name, out var chosen))
        {
            throw new KubeConfigException($"{sources}: {(context is null ? "current-context" : "context")}: there is no context '{name}'");
        }

        var cluster = Find(_clusters, "cluster", chosen);
        var user = string.IsNullOrEmpty(Text(chosen.Body, "user", chosen.Where)) ? new Entry([], chosen.Where, chosen.Directory) : Find(_users, "user", chosen);
        if (Text(user.Body, "token", user.Where) is { Length: > 0 } && (Text(user.Body, "username", user.Where) is { Length: > 0 } || Text(user.Body, "password", user.Where) is { Length: > 0 }))
        {
            throw new KubeConfigException($"{user.Where}: both a token and a user with password; only one may be");
        }

        // As in client-go: whoever says something of TLS means it, also where the address does not say it.
        var isSecure = Flag(cluster.Body, "insecure-skip-tls-verify", cluster.Where)
            || Pem(cluster, "certificate-authority") is not null || Pem(user, "client-certificate") is not null;
        return new KubeConfig
        {
            Server = Address(cluster, "server", isSecure ? "https" : "http") ?? throw new KubeConfigException($"{cluster.Where}.server: missing"),
            Source = $"{sources} (context {name})",
            Namespace = Text(chosen.Body, "namespace", chosen.Where),
            CertificateAuthority = Pem(cluster, "certificate-authority"),
            CertificateAuthorityFile = PemFile(cluster, "certificate-authority"),
            TlsServerName = Text(cluster.Body, "tls-server-name", cluster.Where),
            InsecureSkipTlsVerify = Flag(cluster.Body, "insecure-skip-tls-verify", cluster.Where),
            ProxyUrl = Address(cluster, "proxy-url"),
            ClientCertificate = Pem(user, "client-certificate"),
            ClientKey = Pem(user, "client-key"),
            ClientCertificateFile = PemFile(user, "client-certificate"),
            ClientKeyFile = PemFile(user, "client-key"),
            Token = Text(user.Body, "token", user.Where),
            TokenFile = Text(user.Body, "tokenFile", user.Where) is { Length: > 0 } file ? user.Relative(file) : null,
            Username = Text(user.Body, "username", user.Where),
            Password = Text(user.Body, "password", user.Where),
            Exec = Plugin(user, cluster),
            Impersonate = Impersonated(user),
        };
    }

    private static Entry Find(Dictionary<string, Entry> among, string member, Entry context)
    {
        var name = Text(context.Body, member, context.Where) ?? throw new KubeConfigException($"{context.Where}.{member}: missing");
        return among.TryGetValue(name, out var found) ? found : throw new KubeConfigException($"{context.Where}.{member}: there is no {member} '{name}'");
    }

    /// <param name="Body">The entry's settings.</param>
    /// <param name="Where">File and field, for messages.</param>
    /// <param name="Directory">What relative paths are relative to.</param>
    private sealed record Entry(JsonObject Body, string Where, string Directory)
    {
        public string Relative(string path) => Path.GetFullPath(path, Directory);
    }
}
