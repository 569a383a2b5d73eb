using Capstan.Tool;
using Capstan.Tool.Manifests;

namespace EndToEnd.Tests.ManifestsOfTypes;

/// <summary>The command <c>capstan manifests</c>: files written, compared, refused.</summary>
public sealed class ManifestsRunTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-manifests-");
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void A_check_names_each_file_that_is_missing_or_differs_and_writes_nothing()
    {
        var assembly = typeof(KubeTemplater.Manifests).Assembly.Location;
        Assert.Equal(ExitCodes.Done, Run(assembly, _directory.FullName, check: false));
        var crd = Path.Combine(_directory.FullName, "crds", "kubetemplater.io_kubetemplates.yaml");
        var changed = File.ReadAllText(crd).Replace("scope: Namespaced", "scope: Cluster", StringComparison.Ordinal);
        File.WriteAllText(crd, changed);
        File.Delete(Path.Combine(_directory.FullName, "role.yaml"));

        var exit = Run(assembly, _directory.FullName, check: true);

        Assert.Equal(ExitCodes.CannotRun, exit);
        Assert.Equal(
            $"capstan: {crd} differs from the types, first in line 13\ncapstan: {Path.Combine(_directory.FullName, "role.yaml")} is missing\n",
            _error.ToString().ReplaceLineEndings("\n"));
        Assert.Equal(changed, File.ReadAllText(crd));
    }

    [Theory]
    [InlineData("nowhere.dll", "there is no such file")]
    [InlineData("xunit.v3.core.dll", "declares no kind")]
    [InlineData("EndToEnd.Tests.deps.json", "")]
    public void What_is_no_operator_is_refused_in_one_line(string file, string says)
    {
        var fault = Assert.Throws<CannotRunException>(() => Run(Path.Combine(AppContext.BaseDirectory, file), _directory.FullName, check: false));

        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.Empty(_directory.GetFileSystemInfos());
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);

    private int Run(string assembly, string output, bool check) =>
        ManifestsRun.Run(new() { Assembly = assembly, Output = output, Check = check }, _output, _error);
}
