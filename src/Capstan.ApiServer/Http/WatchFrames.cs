using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>What the objects of one kind look like to watchers that see them in the same way, made once for all of them.</summary>
/// <remarks>
/// Watchers of a kind go through the same changes at nearly the same time, so the last few are enough: a slow watcher makes its own. What is kept
/// goes with the last watcher. Safe for any number of threads.
/// </remarks>
internal sealed class WatchFrames(TimeProvider clock)
{
    private const int Kept = 64;
    private const int Largest = 64 << 10;

    // Tables tell ages, in seconds at the finest.
    private static readonly TimeSpan Freshest = TimeSpan.FromSeconds(1);

    private readonly Frame?[] _frames = new Frame?[Kept];

    /// <summary>The form of an object: as it was made lately for the same form by anybody, else by <paramref name="make"/>.</summary>
    public ReadOnlyMemory<byte> Of(StoredObject stored, Func<StoredObject, ReadOnlyMemory<byte>> make)
    {
        ref var place = ref _frames[(int)(stored.Revision % Kept)];
        var now = clock.GetTimestamp();
        if (Volatile.Read(ref place) is { } known && ReferenceEquals(known.Stored, stored) && clock.GetElapsedTime(known.Made, now) < Freshest)
        {
            return known.Json;
        }

        var json = make(stored);
        if (json.Length <= Largest)
        {
            Volatile.Write(ref place, new Frame(stored, json, now));
        }

        return json;
    }

    /// <summary>The frames of all kinds, each as long as somebody watches it.</summary>
    internal sealed class ByKind(TimeProvider clock)
    {
        // Kinds come and go, and what is known of them with them.
        private readonly ConditionalWeakTable<ServedResource, ConcurrentDictionary<(Shape, string MetaVersion, TableObject), WeakReference<WatchFrames>>> _all = [];

        /// <summary>The frames that a watcher shares; it keeps them alive by holding them.</summary>
        public WatchFrames For(ServedResource served, Representation representation, TableObject include)
        {
            WatchFrames? frames = null;
            _all.GetOrCreateValue(served).AddOrUpdate(
                (representation.Shape, representation.MetaVersion, include),
                _ => new(frames = new(clock)),
                (_, known) => known.TryGetTarget(out frames) ? known : new(frames = new(clock)));
            return frames!;
        }
    }

    private sealed record Frame(StoredObject Stored, ReadOnlyMemory<byte> Json, long Made);
}
