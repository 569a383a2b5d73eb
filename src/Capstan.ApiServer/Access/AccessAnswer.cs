namespace Capstan.ApiServer.Access;

/// <summary>Whether something is allowed, and what allows it.</summary>
internal readonly record struct AccessAnswer(bool Allowed, string Reason = "");
