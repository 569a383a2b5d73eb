namespace Capstan.Testing;

/// <summary>One fault that was injected.</summary>
/// <param name="Fault">Which.</param>
/// <param name="Verb">Kubernetes' verb of the request.</param>
/// <param name="Resource">Plural with group and subresource, as <see cref="Fault.On"/> takes it.</param>
/// <param name="Namespace">Namespace of the request; empty: none.</param>
/// <param name="Name">Name in the path; empty: none.</param>
/// <param name="UserAgent">Who asked.</param>
/// <param name="At">When, by the clock of the server.</param>
public sealed record InjectedFault(Fault Fault, string Verb, string Resource, string Namespace, string Name, string UserAgent, DateTimeOffset At);
