using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Http;

/// <summary>What a request ends in, before it is written in the client's representation.</summary>
internal abstract record Answer(int Code);

/// <summary>One object, in the served version. <paramref name="Served"/> is null for what has no table, such as a Scale.</summary>
internal sealed record ObjectAnswer(int Code, ServedResource? Served, ReadOnlyMemory<byte> Json) : Answer(Code);

/// <summary>A list of objects.</summary>
internal sealed record ListAnswer(ServedResource Served, IReadOnlyList<StoredObject> Items, long Revision, string? Continue, long? Remaining) : Answer(200);

/// <summary>A Status: an error, or a deletion that left nothing.</summary>
internal sealed record StatusAnswer(int Code, ApiStatus Status) : Answer(Code);

/// <summary>Anything that is not an object: a document in its own type.</summary>
internal sealed record DocumentAnswer(int Code, string ContentType, ReadOnlyMemory<byte> Body, string? ETag = null) : Answer(Code);
