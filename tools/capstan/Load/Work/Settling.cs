using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Work;

/// <summary>Waits until the operator has done what it was asked for.</summary>
internal static class Settling
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when nothing is open, or when nothing was met for as long as the options have patience: then what is left is counted among the faults.</summary>
    public static async Task WaitAsync(LoadScene scene, Expectations expectations, CancellationToken stop)
    {
        var (time, met, since) = (scene.Time, expectations.Met, scene.Time.GetTimestamp());
        while (expectations.Open > 0)
        {
            if (expectations.Met != met)
            {
                (met, since) = (expectations.Met, time.GetTimestamp());
            }

            if (time.GetElapsedTime(since) > scene.Options.Patience)
            {
                foreach (var failure in expectations.Failures)
                {
                    scene.Faults.Add(failure);
                }

                for (var silent = expectations.Open - expectations.Failures.Count; silent > 0; silent--)
                {
                    scene.Faults.Add($"not done after {scene.Options.Patience.TotalSeconds:0} s in which nothing was, and no failure told");
                }

                return;
            }

            await Task.Delay(Pause, time, stop);
        }
    }
}
