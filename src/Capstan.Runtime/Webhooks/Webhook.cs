namespace Capstan.Webhooks;

/// <summary>What an API server may ask under a path of its own.</summary>
/// <param name="Path">Path of the URL, beginning with a slash.</param>
internal abstract record Webhook(string Path);
