using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Cluster.Node.Processes;

/// <summary>The processes that a node started, in files of its directory: one each, written before the process does anything, so that whoever starts there next
/// can end what was left.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ProcessLedger(string root)
{
    private readonly string _directory = Path.Combine(root, "processes");

    public void Add(ProcessFamily family)
    {
        Directory.CreateDirectory(_directory);
        var path = PathOf(family);
        File.WriteAllBytes(path + ".part", JsonSerializer.SerializeToUtf8Bytes(family, LedgerJson.Default.ProcessFamily));
        File.Move(path + ".part", path, overwrite: true);
    }

    public void Remove(ProcessFamily family) => File.Delete(PathOf(family));

    /// <summary>All that are written down.</summary>
    public IReadOnlyList<ProcessFamily> Read()
    {
        if (!Directory.Exists(_directory))
        {
            return [];
        }

        var families = new List<ProcessFamily>();
        foreach (var path in Directory.EnumerateFiles(_directory, "*.json"))
        {
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllBytes(path), LedgerJson.Default.ProcessFamily) is { } family)
                {
                    families.Add(family);
                }
            }
            catch (Exception fault) when (fault is JsonException or IOException)
            {
                // Not ours: what is whole was moved here whole.
            }
        }

        return families;
    }

    /// <summary>Ends whatever of it still lives, and forgets it.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndAllAsync(TimeProvider time)
    {
        var ended = 0;
        var processes = await ProcessWatch.Shared.NextAsync();
        foreach (var family in Read())
        {
            ended += family.Members(processes).Count;
            if (await family.KillAsync(time))
            {
                Remove(family);
            }
        }

        return ended;
    }

    private string PathOf(ProcessFamily family) => Path.Combine(_directory, family.Mark + ".json");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProcessFamily))]
internal sealed partial class LedgerJson : JsonSerializerContext;
