using Recordings.Tests.Differing;
using Recordings.Tests.Recorded;
using Recordings.Tests.Replaying;

namespace Recordings.Tests;

/// <summary>The conversations of one area, one after another with a server of their own; the areas go on side by side.</summary>
public abstract class RecordingTests(SeenVerdicts seen, JudgedServer judged)
{
    private static readonly DifferenceList List = DifferenceList.Read();
    private static readonly Difference Nothing = new() { Reason = "", Answers = 0 };

    protected async Task JudgeAsync(string name)
    {
        var known = List.Differ.GetValueOrDefault(name);
        var verdict = await Replay.RunAsync(judged.Server, Conversation.Read(name), TestContext.Current.CancellationToken);

        // Between two writes of a controller a real server, too, may be seen as no recording has it: what differs does so each time.
        for (var again = 0; again < 2 && (known ?? Nothing).Contradicts(verdict) is not null; again++)
        {
            verdict = await Replay.RunAsync(judged.Server, Conversation.Read(name), TestContext.Current.CancellationToken);
        }

        seen.Add(name, verdict);
        if (!DifferenceList.IsAccepting)
        {
            var wrong = (known ?? Nothing).Contradicts(verdict);
            Assert.True(wrong is null, $"{name} {wrong}\n{verdict}");
        }
    }

    protected static IEnumerable<ITheoryDataRow> RowsOf(string area)
    {
        if (RecordingFolder.Path is null)
        {
            return [new TheoryDataRow<string>(area) { Skip = RecordingFolder.Absent }];
        }

        return RecordingFolder.Names(area).Select(name => new TheoryDataRow<string>(name) { Label = name });
    }
}

public sealed class AccessRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("access");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class ApplyRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("apply");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class BuiltinRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("builtin");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class CrdRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("crd");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class CrudRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("crud");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class KubectlRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("kubectl");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class PatchRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("patch");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}

public sealed class WatchRecordingTests(SeenVerdicts seen, JudgedServer judged) : RecordingTests(seen, judged), IClassFixture<JudgedServer>
{
    public static IEnumerable<ITheoryDataRow> Rows() => RowsOf("watch");

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Is_answered_as_Kubernetes_answers_it(string name) => JudgeAsync(name);
}
