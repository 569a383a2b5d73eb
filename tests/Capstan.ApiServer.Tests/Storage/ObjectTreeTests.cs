using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;
using Xunit;

namespace Capstan.ApiServer.Tests.Storage;

public sealed class ObjectTreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Agrees_with_a_sorted_dictionary_over_random_changes(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<ObjectKey, StoredObject>();
        var tree = ObjectTree.Empty;
        var kept = new List<(ObjectTree Tree, List<ObjectKey> Keys)>();
        for (var step = 0; step < 3000; step++)
        {
            var key = new ObjectKey($"n{random.Next(4)}", $"o{random.Next(120)}");
            if (random.Next(3) == 0)
            {
                model.Remove(key);
                tree = tree.Without(key);
            }
            else
            {
                var value = Objects.Stored(key, step);
                model[key] = value;
                tree = tree.With(value);
            }

            if (step % 300 == 0)
            {
                kept.Add((tree, [.. model.Keys]));
            }

            Assert.Same(model.GetValueOrDefault(key), tree.Find(key));
        }

        Assert.Equal(model.Count, tree.Count);
        Assert.Equal(model.Values, tree.From(default));
        foreach (var first in (ObjectKey[])[new("n1", ""), new("n2", "o5"), new("n9", "")])
        {
            Assert.Equal(model.Where(p => p.Key >= first).Select(p => p.Value), tree.From(first));
            Assert.Equal(model.Keys.Count(k => k < first), tree.CountBefore(first));
        }

        // Older trees were not touched by anything that came after.
        Assert.All(kept, k => Assert.Equal(k.Keys, k.Tree.From(default).Select(s => s.Key)));
    }

    [Fact]
    public void Stays_shallow_when_keys_come_in_order()
    {
        var tree = ObjectTree.Empty;
        for (var i = 0; i < 20_000; i++)
        {
            tree = tree.With(Objects.Stored(new ObjectKey("n", $"{i:D6}"), i));
        }

        Assert.Equal(20_000, tree.Count);
        Assert.Equal("019999", tree.From(new ObjectKey("n", "019999")).Single().Key.Name);
    }
}

internal static class Objects
{
    public static EncodedObject Encoded(ObjectKey key, string value = "v") => ObjectEncoder.Encode(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["uid"] = "u", ["labels"] = new JsonObject { ["l"] = value } },
        ["data"] = new JsonObject { ["k"] = value },
    });

    public static StoredObject Stored(ObjectKey key, long revision) => StoredObject.At(revision, Encoded(key));
}
