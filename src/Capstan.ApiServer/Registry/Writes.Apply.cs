using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    public const string ApplyType = "application/apply-patch+yaml";

    /// <summary>PATCH by server-side apply.</summary>
    public ObjectAnswer Apply(WriteRequest request, byte[] body) => throw ApiError.UnsupportedMediaType("415: Unsupported Media Type", new ApiStatusDetails());
}
