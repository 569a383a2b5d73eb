using Recordings.Tests.Recorded;
using Recordings.Tests.Replaying;

namespace Recordings.Tests;

/// <summary>Conversations that lie beside these tests, in the form of the others: each is answered exactly as Kubernetes answers it.</summary>
public sealed class OwnRecordingTests(JudgedServer judged) : IClassFixture<JudgedServer>
{
    private static readonly string Folder = Path.Combine(RecordingFolder.Repository, "tests", "Recordings.Tests", "Own");

    public static TheoryData<string> Names() =>
        [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Select(file => Path.ChangeExtension(Path.GetRelativePath(Folder, file), null)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Is_answered_as_Kubernetes_answers_it(string name)
    {
        var verdict = await Replay.RunAsync(judged.Server, Conversation.Read(Folder, name), TestContext.Current.CancellationToken);
        Assert.True(verdict.Exact.Count == 0, $"{name}\n{verdict}");
    }
}
