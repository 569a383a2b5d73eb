using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Slices to write: those to create have no name.</summary>
internal sealed record SliceChanges(List<EndpointSlice> Create, List<EndpointSlice> Update, List<EndpointSlice> Delete);

/// <summary>Brings endpoints into slices of at most a hundred with the fewest writes: what is in a slice stays there, what is new goes first into slices that are written
/// anyway, then into one that has room, then into new ones. Pure.</summary>
internal static class SlicePacking
{
    public const int MaxEndpoints = 100;

    /// <param name="existing">Slices of the same Service, family and ports.</param>
    /// <param name="wanted">What must be in them; is emptied.</param>
    /// <param name="labels">What a slice's labels must be: null when they are.</param>
    /// <param name="create">A new slice without endpoints.</param>
    public static SliceChanges Pack(
        IEnumerable<EndpointSlice> existing, Dictionary<EndpointIdentity, Endpoint> wanted, Func<EndpointSlice, Dictionary<string, string>?> labels, Func<EndpointSlice> create)
    {
        var (update, unchanged, delete) = (new List<EndpointSlice>(), new List<EndpointSlice>(), new List<EndpointSlice>());

        // 1. What stays where it is.
        foreach (var slice in existing)
        {
            var kept = new List<Endpoint>();
            var isChanged = false;
            foreach (var endpoint in slice.Endpoints ?? [])
            {
                if (wanted.Remove(endpoint.Identity, out var now))
                {
                    kept.Add(now);
                    isChanged |= !now.SaysTheSame(endpoint);
                }
            }

            isChanged |= kept.Count != (slice.Endpoints?.Count ?? 0);
            var relabelled = labels(slice);
            if (isChanged && kept.Count == 0)
            {
                delete.Add(slice);
            }
            else if (isChanged || relabelled is not null)
            {
                update.Add(slice with { Endpoints = kept, Metadata = slice.Metadata with { Labels = relabelled ?? slice.Metadata.Labels } });
            }
            else
            {
                unchanged.Add(slice);
            }
        }

        // 2. Into slices that are written anyway, the fullest first.
        foreach (var slice in update.OrderByDescending(slice => slice.Endpoints!.Count))
        {
            Fill(slice, wanted);
        }

        // 3. Into the one that has just room enough, or into new ones.
        var made = new List<EndpointSlice>();
        while (wanted.Count > 0)
        {
            var roomy = wanted.Count < MaxEndpoints
                ? unchanged.Where(slice => (slice.Endpoints?.Count ?? 0) + wanted.Count <= MaxEndpoints).MaxBy(slice => slice.Endpoints?.Count ?? 0)
                : null;
            if (roomy is not null)
            {
                unchanged.Remove(roomy);
                roomy = roomy with { Endpoints = [.. roomy.Endpoints ?? []] };
                update.Add(roomy);
                Fill(roomy, wanted);
            }
            else
            {
                var slice = create();
                Fill(slice, wanted);
                made.Add(slice);
            }
        }

        return new(made, update, delete);
    }

    private static void Fill(EndpointSlice slice, Dictionary<EndpointIdentity, Endpoint> wanted)
    {
        slice.Endpoints ??= [];
        foreach (var endpoint in wanted.Take(MaxEndpoints - slice.Endpoints.Count).ToList())
        {
            slice.Endpoints.Add(endpoint.Value);
            wanted.Remove(endpoint.Key);
        }
    }
}
