namespace Capstan.Cluster.Workloads;

/// <summary>Does the same many times at once: first once, then twice as often with each round that went well, so that what fails each time is not tried a thousand times.</summary>
internal static class SlowStart
{
    /// <returns>The first failure, after which no further round began; null if all went well.</returns>
    public static async Task<Exception?> RunAsync(int count, Func<Task> once)
    {
        for (var round = Math.Min(1, count); round > 0; round = Math.Min(2 * round, count))
        {
            var tasks = Enumerable.Range(0, round).Select(_ => once()).ToList();
            try
            {
                await Task.WhenAll(tasks);
            }
            catch (Exception error) when (FailureText.IsOfRequest(error))
            {
                return error;
            }

            count -= round;
        }

        return null;
    }
}
