using System.Collections.Concurrent;
using Recordings.Tests.Differing;
using Recordings.Tests.Recorded;
using Recordings.Tests.Replaying;

[assembly: AssemblyFixture(typeof(SeenVerdicts))]

namespace Recordings.Tests.Differing;

/// <summary>What this run saw. With <c>CAPSTAN_ACCEPT_RECORDINGS=1</c> the list and the page are written from it at the end.</summary>
public sealed class SeenVerdicts : IDisposable
{
    private readonly ConcurrentDictionary<string, Verdict> _seen = new(StringComparer.Ordinal);

    internal void Add(string name, Verdict verdict) => _seen[name] = verdict;

    public void Dispose()
    {
        if (!DifferenceList.IsAccepting || RecordingFolder.Path is null)
        {
            return;
        }

        var list = DifferenceList.Read();
        foreach (var (name, verdict) in _seen)
        {
            var known = list.Differ.GetValueOrDefault(name);
            list.Differ.Remove(name);
            if (verdict.Exact.Count > 0)
            {
                list.Differ[name] = new Difference
                {
                    Reason = known is { IsSeenOnly: false } ? known.Reason : Difference.Seen + verdict.First,
                    Answers = verdict.Answers,
                    Result = verdict.Result,
                    Exact = verdict.Exact,
                };
            }
        }

        foreach (var area in RecordingFolder.Areas)
        {
            var names = RecordingFolder.Names(area);
            var before = list.Areas.GetValueOrDefault(area);
            list.Areas[area] = new AreaFigures
            {
                Conversations = names.Count,
                Answers = names.Sum(name => Conversation.Read(name).Answers),
                MayDiffer = Math.Min(before?.MayDiffer ?? int.MaxValue, list.Conversations(area)),
                AnswersMayDiffer = Math.Min(before?.AnswersMayDiffer ?? int.MaxValue, list.Answers(area)),
            };
        }

        list.Write();
        FidelityPage.Write(FidelityPage.Figures(list));
    }
}
