using System.Runtime.ExceptionServices;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Policies;

/// <summary>Asks the server itself for the policies of the operator's namespace, at most once a second, however many want to know.</summary>
/// <remarks>Thread-safe. Who asks while another's read is under way, or within the second after it, gets its answer, or its failure.</remarks>
internal sealed class PolicyReads(KubeClient client, string operatorNamespace, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);
    private volatile Reading? _latest;
    private (Exception Why, long At)? _failure;

    /// <summary>The last answer, if it is no older than that.</summary>
    public Reading? Latest(TimeSpan longestAge) => _latest is { } latest && time.GetElapsedTime(latest.At) <= longestAge ? latest : null;

    /// <summary>The policies as the server has them, or had them less than a second ago.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server does not answer.</exception>
    public async Task<Reading> ReadAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_latest is { } latest && time.GetElapsedTime(latest.At) < _pause)
            {
                return latest;
            }

            if (_failure is { } failure && time.GetElapsedTime(failure.At) < _pause)
            {
                ExceptionDispatchInfo.Throw(failure.Why);
            }

            // Its age counts from before it was asked: what comes after that may not be in it.
            var at = time.GetTimestamp();
            try
            {
                var list = await client.ListAsync(KubeTemplatePolicy.Resource, new() { Namespace = operatorNamespace }, cancellationToken);
                return _latest = new(at, list.Items.ToLookup(static policy => policy.To<KubeTemplatePolicy>().Spec.SourceNamespace));
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                _failure = (e, at);
                throw;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>One answer of the server.</summary>
    /// <param name="At">Timestamp of the question.</param>
    /// <param name="BySourceNamespace">The policies.</param>
    public sealed record Reading(long At, ILookup<string, DynamicObject> BySourceNamespace)
    {
        /// <summary>The policies of a source namespace.</summary>
        public IReadOnlyList<DynamicObject> For(string sourceNamespace) => [.. BySourceNamespace[sourceNamespace]];
    }
}
