using Capstan.Watching;

namespace Capstan.Caching;

// Lists that run beside a watch, so that what is wanted now comes in while the watch goes on telling of the rest.
internal sealed partial class ObjectStore
{
    /// <summary>Begins to take a list that is asked for after this.</summary>
    /// <returns>Null: the watch of the part is about to list itself, and may have begun when other objects were wanted.</returns>
    public GainedObjects? BeginGained(CachePart part)
    {
        lock (_telling)
        {
            return part.IsListing ? null : part.Gained = new(part);
        }
    }

    /// <summary>An object of the list; those that are known, or not wanted, cost nothing.</summary>
    public void Gain(GainedObjects gained, DynamicObject value)
    {
        if (Keeps(value) && !ReferenceEquals(Volatile.Read(ref _watched).Find(value.Key), value))
        {
            gained.Add(value);
        }
    }

    /// <summary>The list is complete: what it brought is held from now on, and kept up by the watch.</summary>
    /// <remarks>The watch may be ahead of the list or behind it. What it told since is newer or will be told of again; deletions that it told are remembered;
    /// and the list is newer than all that the watch told before the list was asked for.</remarks>
    /// <returns>False: the watch has begun to list itself meanwhile, and nothing was taken.</returns>
    public bool EndGained(GainedObjects gained)
    {
        lock (_telling)
        {
            if (gained.Part.Gained != gained)
            {
                return false;
            }

            gained.Part.Gained = null;
            foreach (var value in gained.Found)
            {
                // Versions that cannot be ordered: the watch is believed.
                if (_watched.Find(value.Key) is not { } known || ResourceVersions.Compare(value.ResourceVersion, known.ResourceVersion) > 0)
                {
                    Change(gained.Part, value, isOfWatch: false);
                }
            }

            return true;
        }
    }

    private void BeginListing(CachePart part)
    {
        lock (_telling)
        {
            part.IsListing = true;
            part.Gained = null;
        }
    }
}
