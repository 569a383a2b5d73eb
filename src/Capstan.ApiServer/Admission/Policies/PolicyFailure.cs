namespace Capstan.ApiServer.Admission.Policies;

/// <summary>A policy cannot be evaluated: the request is refused unless the policy says that failures are to be ignored.</summary>
/// <param name="reason">Why.</param>
internal sealed class PolicyFailure(string reason) : Exception(reason);
