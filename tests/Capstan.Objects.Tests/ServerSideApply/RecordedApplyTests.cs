using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.Objects.Tests.ServerSideApply;

public sealed class RecordedApplyTests(ITestOutputHelper output)
{
    private const string Folder = "recordings";

    [Theory]
    [InlineData("apply", 270)]
    [InlineData("patch", 95)]
    [InlineData("crud", 40)]
    public void Ownership_and_conflicts_are_those_that_a_real_server_answered(string area, int least)
    {
        var folder = SharedFiles.Find(Path.Combine(Folder, area));
        Assert.SkipWhen(folder is null, "the recordings of a real kube-apiserver are not beside the repository (shared/recordings)");
        var judged = 0;
        var failed = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder!, "*.json").Order(StringComparer.Ordinal))
        {
            // Two owners whose uids are both masked cannot be told apart.
            if (Path.GetFileName(file) == "owner-references.json") continue;
            var text = File.ReadAllText(file).Replace("<time>", "2026-01-01T00:00:00Z", StringComparison.Ordinal).Replace("<uid>", "uid", StringComparison.Ordinal);
            var replay = new RecordedConversation(JsonNode.Parse(text)!.AsObject());
            replay.Replay();
            judged += replay.Judged;
            foreach (var difference in replay.Differences) failed.Add($"{Path.GetFileNameWithoutExtension(file)} {difference}");
        }

        output.WriteLine($"{judged} answers judged, {failed.Count} differ");
        foreach (var difference in failed) output.WriteLine(difference);
        Assert.Empty(failed);
        Assert.True(judged >= least, $"only {judged} answers were judged");
    }
}
