namespace Capstan.Cluster.Node.Images;

/// <summary>The images of this project's operators: their executables lie beside ours.</summary>
internal sealed class OperatorImages(string programs)
{
    private static readonly (string Image, string Program)[] Operators = [("kubetemplater", "kubetemplater"), ("postgres-operator", "database-operator")];

    public KnownImage? Find(string image)
    {
        foreach (var (name, program) in Operators)
        {
            var known = new KnownImage { Image = name, Env = DotNet(), IsRoot = false };
            if (known.Matches(image))
            {
                var path = Path.Combine(programs, program);
                return File.Exists(path)
                    ? known with { Entrypoint = [path], Path = [programs] }
                    : known with { Missing = $"{program} is not in {programs}: publish it there" };
            }
        }

        return null;
    }

    /// <summary>A program that is not published with its runtime looks for that where we found ours. On one machine with everything else it does without what pays on a
    /// machine of its own alone: heaps for each processor, and counting how often code runs before it is compiled well.</summary>
    private static Dictionary<string, string> DotNet()
    {
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return new() { ["DOTNET_ROOT"] = root, ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0" };
    }
}
