using Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What can be done with pods beside reading and writing them.</summary>
/// <param name="Accounts">Waits for accounts; null when pods need none.</param>
/// <param name="Binding">Gives them nodes.</param>
/// <param name="Eviction">Deletes them gently.</param>
internal sealed record PodActions(DefaultAccountWait? Accounts, PodBinding Binding, PodEviction Eviction);
