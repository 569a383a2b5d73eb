using Capstan.Client;

namespace Capstan;

public sealed partial class KubeClient
{
    /// <summary>Tries in a row of one change: who loses more often is in a storm, and the key's backoff is the better wait.</summary>
    private const int MaxConflicts = 5;

    /// <summary>Changes an object as it is now: reads it from the server, has it changed, and replaces that very version; begins anew when another wrote it first.</summary>
    /// <param name="key">The object.</param>
    /// <param name="change">Gives what to store; null, or the object as it got it, to store nothing. It runs once a try, each time with a fresh object.</param>
    /// <param name="options">Manager, dry run, subresource.</param>
    /// <param name="cancellationToken">Ends it; whether the server took a write is then unknown.</param>
    /// <returns>What the server has now; null if <paramref name="change"/> gave null.</returns>
    /// <exception cref="ApiException"><see cref="ApiException.IsNotFound"/>; <see cref="ApiException.IsConflict"/> after five tries.</exception>
    public Task<T?> ChangeAsync<T>(ObjectKey key, Func<T, T?> change, WriteOptions? options = null, CancellationToken cancellationToken = default)
        where T : KubeObject, IKubeObject<T> =>
        RetryOnConflictAsync(
            async token =>
            {
                var before = await GetAsync(T.Resource, key, token);
                if (change(before.To<T>()) is not { } after)
                {
                    return null;
                }

                // The version that was read, whatever the change made of it: without it the write would undo another's.
                after.Metadata.ResourceVersion = before.ResourceVersion;
                var (wanted, had) = (DynamicObject.From(after), DynamicObject.From(before.To<T>()));
                return wanted.Json.Span.SequenceEqual(had.Json.Span) ? after : (await UpdateAsync(T.Resource, wanted, options, token)).To<T>();
            },
            cancellationToken);

    /// <summary>Does something again as long as another writes first: at most five times, with waits of 10 ms and up that no two clients share.</summary>
    /// <param name="attempt">Reads what it changes from the server, not from a cache: a stale read would lose each time.</param>
    /// <param name="cancellationToken">Ends the waits.</param>
    /// <exception cref="ApiException"><see cref="ApiException.IsConflict"/> at the last try; any other error at once.</exception>
    public async Task<TResult> RetryOnConflictAsync<TResult>(Func<CancellationToken, Task<TResult>> attempt, CancellationToken cancellationToken = default)
    {
        var waits = new RetryWaits(Options);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (ApiException error) when (error.IsConflict && tries < MaxConflicts)
            {
                await Task.Delay(waits.AfterConflict(tries), Options.TimeProvider, cancellationToken);
            }
        }
    }
}
