using Capstan.Caching;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>What is to be said about informers that start.</summary>
internal static class InformerStart
{
    /// <summary>Returns when each informer has its first list.</summary>
    /// <exception cref="OperatorException">One did not get it in its time; the message has the kind and the reason.</exception>
    public static Task WaitForSyncAsync(IReadOnlyList<Informer> informers, ILogger logger, CancellationToken cancellationToken) =>
        Task.WhenAll(informers.Select(informer => WaitForSyncAsync(informer, logger, cancellationToken)));

    /// <summary>What keeps the informers from being complete and current; null when nothing does.</summary>
    public static string? WhatIsMissing(IReadOnlyList<Informer> informers)
    {
        var missing = informers
            .Where(informer => !informer.HasSynced || informer.LastError is not null)
            .Select(informer => $"{informer.Type.GroupResource}: {informer.LastError?.Message ?? "not in sync yet"}")
            .ToList();
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    private static async Task WaitForSyncAsync(Informer informer, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await informer.WaitForSyncAsync(cancellationToken);
        }
        catch (CacheSyncException exception)
        {
            throw new OperatorException(exception.Message, exception);
        }

        Log.InformerSynced(logger, informer.Type.GroupResource.ToString(), informer.Scope, informer.Count);
    }
}
