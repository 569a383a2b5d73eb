using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Environments;
using Capstan.Cluster.Node.Images;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Volumes;

namespace Capstan.Cluster.Node.Processes;

/// <summary>How the commands of one container are run here: its places, variables and user.</summary>
internal sealed class ContainerPlan
{
    private const string MachinePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly KnownImage _image;
    private readonly Container _container;
    private readonly PathMap _map;
    private readonly Dictionary<string, string> _given;
    private readonly Dictionary<string, string> _placeholders;

    /// <param name="pod">Its pod.</param>
    /// <param name="container">It.</param>
    /// <param name="image">What its image is here.</param>
    /// <param name="user">Whom it runs as; null: who runs the node.</param>
    /// <param name="variables">What its manifest gives it.</param>
    /// <param name="volumes">Names and directories.</param>
    /// <param name="directories">Where its own things are.</param>
    /// <param name="sockets">Directory of its sockets.</param>
    /// <param name="kubeconfig">File with which clients find the API server; null: none.</param>
    public ContainerPlan(
        PodRecord pod, Container container, KnownImage image, UserAccount? user, Dictionary<string, string> variables, IReadOnlyDictionary<string, string> volumes, PodDirectories directories, string sockets, string? kubeconfig)
    {
        (_image, _container, _given) = (image, container, variables);
        User = user;
        Directory = directories.OfContainer(pod.Uid, container.Name);
        Sockets = sockets;
        _placeholders = new()
        {
            ["${POD_IP}"] = pod.Address.ToString(), ["${POD_DIR}"] = directories.OfPod(pod.Uid), ["${CONTAINER_DIR}"] = Directory, ["${SOCKET_DIR}"] = sockets,
        };
        TerminationMessage = Path.Combine(Directory, "termination-log");
        _map = new(PlacesOf(pod, volumes), pod.Address.ToString());
        if (User is not null)
        {
            Permissions.CheckReachable(Directory, directories.Root, User);
        }

        Permissions.MakePrivate(sockets, User);
        foreach (var made in (string[])[Directory, Path.Combine(Directory, "tmp"), .. image.Directories.Select(OwnPlace)])
        {
            Make(made);
        }

        // The machine's own first, then the image's, then the pod's.
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = string.Join(':', [.. image.Path, MachinePath]),
            ["HOME"] = Directory,
            ["TMPDIR"] = Path.Combine(Directory, "tmp"),
            ["HOSTNAME"] = pod.Pod.Spec.Hostname is { Length: > 0 } host ? host : pod.Key.Name,
            ["CAPSTAN_POD_IP"] = pod.Address.ToString(),
        };
        if (kubeconfig is not null)
        {
            Environment["KUBECONFIG"] = kubeconfig;
        }

        foreach (var (variable, value) in image.Env.Where(variable => !variables.ContainsKey(variable.Key)))
        {
            Environment[variable] = Fill(_map.Map(value));
        }

        foreach (var (variable, value) in variables.Where(variable => IsName(variable.Key)))
        {
            Environment[variable] = _map.Map(value);
        }
    }

    /// <summary>The container's own directory.</summary>
    public string Directory { get; }

    /// <summary>Directory of its sockets, which goes with each run.</summary>
    public string Sockets { get; }

    /// <summary>File into which it may say why it ended.</summary>
    public string TerminationMessage { get; }

    public UserAccount? User { get; }

    /// <summary>All of the environment.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The process of the container itself.</summary>
    /// <exception cref="ContainerStartException">There is nothing to run.</exception>
    public ProcessPlan Main()
    {
        var own = _container.Command is { Count: > 0 };
        var arguments = _container.Args is { Count: > 0 } args ? args.Select(Expand) : own ? [] : _image.Command.Select(argument => Fill(_map.Map(argument)));
        string[] command = [.. own ? _container.Command!.Select(Expand) : _image.Entrypoint.Select(Fill), .. arguments];
        return Plan(command) with { HasInput = _container.Stdin == true, HasTerminal = _container.Tty == true };
    }

    /// <summary>A command beside it.</summary>
    /// <exception cref="ContainerStartException">There is no such program.</exception>
    public ProcessPlan Beside(IReadOnlyList<string> command, bool hasInput, bool hasTerminal)
    {
        var plan = Plan(TarNames.Keep(command, _map.Map));
        return plan with
        {
            IsCommand = true, HasInput = hasInput, HasTerminal = hasTerminal,
            Environment = hasTerminal ? new Dictionary<string, string>(plan.Environment) { ["TERM"] = "xterm" } : plan.Environment,
        };
    }

    private ProcessPlan Plan(string[] command)
    {
        if (command.Length == 0 || command.Any(part => part.Contains('\0', StringComparison.Ordinal)))
        {
            throw new ContainerStartException("no command specified");
        }

        var directory = WorkingDirectory();
        command[0] = Resolve(command[0], directory);
        return new() { Command = command, WorkingDirectory = directory, Environment = Environment, User = User };
    }

    private string WorkingDirectory()
    {
        var mapped = (_container.WorkingDir ?? _image.WorkingDir) is { Length: > 0 } wanted ? Fill(_map.Map(wanted)) : Directory;
        return System.IO.Directory.Exists(mapped) ? mapped : Directory;
    }

    /// <summary>A program by its path, by its name in the image's directories and the machine's, or, where images have other paths than we, by the last part of it.</summary>
    private string Resolve(string program, string directory)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.Combine(directory, program);
            if (File.Exists(path))
            {
                return path;
            }

            var entry = _image.Entrypoint.Select(Fill).LastOrDefault();
            return _image.Path.Append(Path.GetDirectoryName(entry) ?? "").Select(place => Path.Combine(place, Path.GetFileName(program))).FirstOrDefault(File.Exists)
                ?? throw new ContainerStartException($"exec: \"{program}\": stat {program}: no such file or directory");
        }

        return Environment.GetValueOrDefault("PATH", MachinePath).Split(':').Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists)
            ?? throw new ContainerStartException($"exec: \"{program}\": executable file not found in $PATH");
    }

    private IEnumerable<(string, string)> PlacesOf(PodRecord pod, IReadOnlyDictionary<string, string> volumes)
    {
        var places = new Dictionary<string, string> { ["/tmp"] = Path.Combine(Directory, "tmp"), [_container.TerminationMessagePath ?? "/dev/termination-log"] = TerminationMessage };
        foreach (var directory in _image.Directories)
        {
            places[directory] = OwnPlace(directory);
        }

        foreach (var mount in _container.VolumeMounts ?? [])
        {
            if (!volumes.TryGetValue(mount.Name, out var volume))
            {
                throw new ContainerConfigException($"volume {mount.Name} not found");
            }

            places[mount.MountPath] = Mounted(mount, volume);
        }

        return places.Select(place => (place.Key, place.Value));
    }

    private string Mounted(VolumeMount mount, string volume)
    {
        var below = mount.SubPathExpr is { Length: > 0 } expression ? VariableText.Expand(expression, _given) : mount.SubPath;
        if (string.IsNullOrEmpty(below))
        {
            return volume;
        }

        try
        {
            var path = ContainedPath.Combine(volume, below);
            if (!Path.Exists(path))
            {
                Make(path);
            }

            return path;
        }
        catch (VolumeException fault)
        {
            throw new ContainerConfigException($"failed to prepare subPath for volumeMount \"{mount.Name}\" of container \"{_container.Name}\": {fault.Message}");
        }
    }

    private string OwnPlace(string directory) => Path.Combine(Directory, "root", directory.Trim('/').Replace('/', '-'));

    private void Make(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        User?.Own(directory);
    }

    private string Fill(string text)
    {
        foreach (var (placeholder, value) in _placeholders)
        {
            text = text.Replace(placeholder, value, StringComparison.Ordinal);
        }

        return text;
    }

    private string Expand(string text)
    {
        try
        {
            return _map.Map(VariableText.Expand(text, _given));
        }
        catch (FormatException fault)
        {
            throw new ContainerStartException(fault.Message);
        }
    }

    private static bool IsName(string name) => name.Length > 0 && !name.Contains('=', StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal);
}
