namespace Capstan.ApiServer.Admission;

/// <summary>What a request does, in the words of admission rules.</summary>
internal static class Operations
{
    public const string Create = "CREATE";
    public const string Update = "UPDATE";
    public const string Delete = "DELETE";
    public const string Any = "*";
}
