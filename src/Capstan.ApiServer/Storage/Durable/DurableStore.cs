using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Opens a store that keeps everything in a directory.</summary>
internal static class DurableStore
{
    /// <summary>Reads what is there; from then on every write goes there before it is visible.</summary>
    /// <param name="directory">Locked; goes with the store.</param>
    /// <param name="watchWindow">Changes of each resource that are kept for watches.</param>
    /// <param name="logger">Is told what was found and what fails.</param>
    /// <exception cref="DataDirectoryException">The directory is damaged or cannot be read.</exception>
    public static Store Open(DataDirectory directory, int watchWindow, ILogger logger)
    {
        var recovered = Recovery.Run(directory, first => new Store(watchWindow, firstRevision: first), logger);
        recovered.Store.KeepIn(gate => new Committer(directory, recovered, gate, logger));
        return recovered.Store;
    }
}
