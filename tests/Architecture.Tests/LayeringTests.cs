using System.Reflection;
using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The reference rules of the design: which assembly may know which, and which folder of the runtime.</summary>
public partial class LayeringTests
{
    /// <summary>What each assembly may reference of ours. The wire is all that runtime and API server share.</summary>
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Capstan.Objects"] = [],
        ["Capstan.Cel"] = [],
        ["Capstan.Cel.Kubernetes"] = ["Capstan.Cel", "Capstan.Objects"],
        ["Capstan.Runtime"] = ["Capstan.Objects"],
        ["Capstan.ApiServer"] = ["Capstan.Objects", "Capstan.Cel", "Capstan.Cel.Kubernetes"],
        ["Capstan.Cluster"] = ["Capstan.Objects", "Capstan.Runtime"],
        ["Capstan.Testing"] = ["Capstan.Objects", "Capstan.Runtime", "Capstan.ApiServer", "Capstan.Cluster"],
        ["Capstan.Dashboard"] = ["Capstan.Objects", "Capstan.Runtime"],
        ["kubetemplater"] = ["Capstan.Objects", "Capstan.Runtime", "Capstan.Dashboard", "Capstan.Cel", "Capstan.Cel.Kubernetes"],
        ["database-operator"] = ["Capstan.Objects", "Capstan.Runtime", "Capstan.Dashboard"],
        ["capstan"] = ["Capstan.Objects", "Capstan.Runtime", "Capstan.ApiServer", "Capstan.Cluster", "Capstan.Cel", "Capstan.Cel.Kubernetes", "Capstan.Dashboard", "kubetemplater", "database-operator"],
    };

    /// <summary>The way of an object: a folder knows only those before it.</summary>
    private static readonly string[] _runtimeFolders =
        ["Diagnostics", "Client", "Watching", "Caching", "Queueing", "Applying", "Controllers", "Election", "Webhooks", "Hosting"];

    public static TheoryData<string> Assemblies => [.. _allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Assembly_references_only_what_the_design_allows(string name)
    {
        var ours = Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name!).Where(_allowed.ContainsKey).ToList();

        Assert.Empty(ours.Except(_allowed[name]));
    }

    [Fact]
    public void Every_project_has_a_rule()
    {
        var projects = new[] { "src", "operators", "tools" }
            .SelectMany(f => Directory.EnumerateFiles(Repository.Of(f), "*.csproj", SearchOption.AllDirectories))
            .Select(AssemblyName);

        Assert.Empty(projects.Except(_allowed.Keys));

        static string AssemblyName(string project) =>
            Regex.Match(File.ReadAllText(project), "<AssemblyName>(.*)</AssemblyName>") is { Success: true } named
                ? named.Groups[1].Value
                : Path.GetFileNameWithoutExtension(project);
    }

    [Fact]
    public void Runtime_folder_references_only_those_before_it()
    {
        var runtime = Assembly.Load("Capstan.Runtime");
        var folders = FoldersOfTypes();
        var wrong = new List<string>();
        foreach (var type in runtime.GetTypes())
        {
            var outer = type;
            while (outer.IsNested)
            {
                outer = outer.DeclaringType!;
            }

            if (!folders.TryGetValue(Name(outer), out var from))
            {
                continue;
            }

            wrong.AddRange(TypeReferences.Of(type)
                .Where(t => t.Assembly == runtime && folders.TryGetValue(Name(t), out var to) && to > from)
                .Select(t => $"{_runtimeFolders[from]}/{Name(outer)} mentions {_runtimeFolders[folders[Name(t)]]}/{Name(t)}"));
        }

        Assert.Empty(wrong.Distinct().Order());
    }

    [Fact]
    public void Runtime_has_no_folder_beyond_those_of_the_design()
    {
        var folders = Directory.EnumerateDirectories(Repository.Of("src", "Capstan.Runtime")).Select(f => Path.GetFileName(f)!);

        Assert.Empty(folders.Except([.. _runtimeFolders, "bin", "obj"]));
    }

    [Theory]
    [InlineData("Helpers")]
    [InlineData("Helper")]
    [InlineData("Utils")]
    [InlineData("Utilities")]
    [InlineData("Common")]
    [InlineData("Manager")]
    [InlineData("Misc")]
    [InlineData("Impl")]
    public void No_file_hides_its_duty_behind(string ending) =>
        Assert.DoesNotContain(Repository.Sources(Repository.Root), f => Path.GetFileNameWithoutExtension(f).EndsWith(ending, StringComparison.Ordinal));

    /// <summary>Namespace-qualified type names of the runtime to the number of the folder whose file declares them.</summary>
    private static Dictionary<string, int> FoldersOfTypes()
    {
        var result = new Dictionary<string, int>();
        for (var folder = 0; folder < _runtimeFolders.Length; folder++)
        {
            var path = Repository.Of("src", "Capstan.Runtime", _runtimeFolders[folder]);
            foreach (var file in Directory.Exists(path) ? Repository.Sources(path) : [])
            {
                var text = File.ReadAllText(file);
                var space = NamespaceLine().Match(text).Groups[1].Value;
                foreach (Match declaration in TypeDeclaration().Matches(text))
                {
                    result[$"{space}.{declaration.Groups[1].Value}"] = folder;
                }
            }
        }

        Assert.NotEmpty(result);
        return result;
    }

    private static string Name(Type type) => $"{type.Namespace}.{type.Name.Split('`')[0]}";

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|abstract|partial|readonly|ref|file|unsafe) )*(?:class|record struct|record class|record|struct|interface|enum|delegate [\w<>?.,\[\] ]+?) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();
}
