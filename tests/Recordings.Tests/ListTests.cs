using Recordings.Tests.Differing;
using Recordings.Tests.Recorded;

namespace Recordings.Tests;

/// <summary>The list of what differs gets shorter, and the page says how long it is.</summary>
public sealed class ListTests
{
    private static readonly DifferenceList List = DifferenceList.Read();

    [Fact]
    public void What_is_in_the_list_has_a_reason() =>
        Assert.All(List.Differ, entry => Assert.True(entry.Value.Reason.Length > 10, $"{entry.Key} has no reason in {DifferenceList.File}"));

    [Fact]
    public void What_is_in_the_list_was_recorded()
    {
        Assert.SkipWhen(RecordingFolder.Path is null, RecordingFolder.Absent);
        Assert.Empty(List.Differ.Keys.Except(RecordingFolder.Areas.SelectMany(RecordingFolder.Names)));
    }

    [Theory]
    [MemberData(nameof(Areas))]
    public void The_list_never_grows(string area)
    {
        var allowed = List.Areas[area];
        Assert.SkipWhen(DifferenceList.IsAccepting, "the list is being written");
        var (conversations, answers) = (List.Conversations(area), List.Answers(area));
        Assert.True(conversations <= allowed.MayDiffer, $"{conversations} conversations of {area} are in the list, and only {allowed.MayDiffer} may be: that number is not raised");
        Assert.True(answers <= allowed.AnswersMayDiffer, $"{answers} answers of {area} are in the list, and only {allowed.AnswersMayDiffer} may be: that number is not raised");
        Assert.True(
            (conversations, answers) == (allowed.MayDiffer, allowed.AnswersMayDiffer),
            $"{conversations} conversations and {answers} answers of {area} differ, which is less than may: lower the numbers in {DifferenceList.File}, or have {DifferenceList.AcceptVariable}=1 do it");
    }

    [Fact]
    public void The_page_states_the_figures_of_the_list()
    {
        Assert.SkipWhen(DifferenceList.IsAccepting, "the page is being written");
        var right = FidelityPage.Figures(List);
        Assert.True(FidelityPage.Read() == right, $"the figures in docs/fidelity.md should be:\n{right}\nor have {DifferenceList.AcceptVariable}=1 write them");
    }

    public static TheoryData<string> Areas() => [.. RecordingFolder.Areas];
}
