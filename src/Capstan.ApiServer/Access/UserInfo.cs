namespace Capstan.ApiServer.Access;

/// <summary>Who asks.</summary>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";

    /// <summary>Somebody without credentials.</summary>
    public static readonly UserInfo Anonymous = new("system:anonymous", [Unauthenticated]);

    /// <summary>This server itself.</summary>
    public static readonly UserInfo Server = new("system:apiserver", [Masters]);

    /// <summary>Empty where nothing tells two users of a name apart.</summary>
    public string Uid { get; init; } = "";

    /// <summary>What the credentials say besides, by key.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
