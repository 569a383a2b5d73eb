using System.Text;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.ApiServer.Storage;
using Capstan.ApiServer.Storage.Durable;
using KubeTemplater.Resources;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeTemplater.Bench.Scale;

/// <summary>Makes a server's directory with many applied templates of one with few, in seconds instead of the hour that an operator would take: each is one of the few under another name, with the uids
/// and hashes that it would have.</summary>
internal static partial class ScaleStock
{
    private static readonly GroupResource Templates = new("kubetemplater.io", "kubetemplates");
    private static readonly GroupResource ConfigMaps = new("", "configmaps");

    /// <summary>Makes it.</summary>
    /// <param name="sample">Directory of a server that has stopped, whose operator had applied all.</param>
    /// <param name="target">Directory to make.</param>
    /// <param name="count">How many templates it is to have.</param>
    public static async Task MultiplyAsync(string sample, string target, int count)
    {
        using var from = DataDirectory.Open(sample);
        await using var store = DurableStore.Open(from, 1000, NullLogger.Instance);
        var maps = store.Read(ConfigMaps).Objects.From(default).ToDictionary(one => one.Key);
        var templates = store.Read(Templates).Objects.From(default).OrderBy(one => one.Key.Name, StringComparer.Ordinal).ToList();
        var (manyTemplates, manyMaps) = (new List<StoredObject>(count), maps.Values.Where(one => !Name().IsMatch(one.Key.Name)).ToList());
        for (var number = 0; number < count; number++)
        {
            var template = templates[number % templates.Count];
            var (made, its) = Copy(template, number, maps);
            manyTemplates.Add(made);
            manyMaps.AddRange(its);
        }

        using var into = DataDirectory.Open(target);
        LogWriter.Create(into, store.CommittedRevision).Dispose();
        SnapshotFile.Write(into, store.CommittedRevision,
        [
            .. store.States().Where(state => state.Resource != Templates && state.Resource != ConfigMaps),
            (ConfigMaps, Tree(manyMaps)), (Templates, Tree(manyTemplates)),
        ]);
        foreach (var file in new DirectoryInfo(sample).EnumerateFiles().Where(file => file.Name != "lock" && !file.Name.StartsWith("log-", StringComparison.Ordinal) && !file.Name.StartsWith("snapshot-", StringComparison.Ordinal)))
        {
            file.CopyTo(Path.Combine(target, file.Name));
        }
    }

    private static (StoredObject Template, IEnumerable<StoredObject> Maps) Copy(StoredObject sample, int number, Dictionary<ObjectKey, StoredObject> maps)
    {
        var name = $"t{number:d6}";
        var template = DynamicObject.Parse(sample.Json).To<KubeTemplate>();
        var text = Renamed(sample, name, sample.Key.Name, number, template.Metadata.Uid!);
        var made = new List<StoredObject>();
        foreach (var resource in template.Status!.Resources!)
        {
            var map = maps[new(resource.Namespace!, resource.Name)];
            if (OwnedPart.Of(DynamicObject.Parse(map.Json)).ToString() != resource.AppliedHash)
            {
                throw new InvalidOperationException($"{map.Key} is not as it was applied");
            }

            var copy = Renamed(map, name, sample.Key.Name, number, map.Uid);
            made.Add(StoredObject.Read(Encoding.UTF8.GetBytes(copy)));
            text = text.Replace(map.Uid, UidOf(map.Uid, number), StringComparison.Ordinal)
                .Replace(resource.AppliedHash, OwnedPart.Of(DynamicObject.Parse(made[^1].Json)).ToString(), StringComparison.Ordinal);
        }

        var hash = SpecHash.Of(DynamicObject.Parse(Encoding.UTF8.GetBytes(text)).To<KubeTemplate>().Spec);
        return (StoredObject.Read(Encoding.UTF8.GetBytes(text.Replace(template.Status.AppliedSpecHash!, hash, StringComparison.Ordinal))), made);
    }

    private static string Renamed(StoredObject sample, string name, string before, int number, string uid) =>
        Encoding.UTF8.GetString(sample.Json.Span).Replace(before, name, StringComparison.Ordinal).Replace(uid, UidOf(uid, number), StringComparison.Ordinal);

    /// <summary>Another for each number.</summary>
    private static string UidOf(string uid, int number) => $"{number:x8}{uid[8..]}";

    private static ObjectTree Tree(IEnumerable<StoredObject> objects) => ObjectTree.Of([.. objects.OrderBy(one => one.Key)]);

    [GeneratedRegex(@"\At[0-9]{6}-[ab]\z")]
    private static partial Regex Name();
}
