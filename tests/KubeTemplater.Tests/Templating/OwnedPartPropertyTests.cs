using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan;
using FsCheck;
using FsCheck.Fluent;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

/// <summary>What holds for the hash of any object: a random one, of which a random part is ours and the rest somebody else's.</summary>
public sealed class OwnedPartPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void What_others_do_to_their_part_never_changes_it() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var body = Body.Random(random);
        var before = OwnedPart.Of(body.Object());
        body.ChangeForeign(random);
        return OwnedPart.Of(body.Object()) == before;
    }).Check(Runs);

    [Fact]
    public void Any_change_of_ours_changes_it() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var body = Body.Random(random);
        var before = OwnedPart.Of(body.Object());
        body.ChangeOurs(random);
        body.ChangeForeign(random);
        return OwnedPart.Of(body.Object()) != before;
    }).Check(Runs);

    [Fact]
    public void What_we_lose_changes_it() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var body = Body.Random(random);
        var before = OwnedPart.Of(body.Object());
        body.TakeOurs(random);
        return OwnedPart.Of(body.Object()) != before;
    }).Check(Runs);

    /// <summary>Members of members and lists of named items, of which each leaf has one owner.</summary>
    private sealed class Body
    {
        private readonly List<Leaf> _leaves = [];

        public static Body Random(Random random)
        {
            var body = new Body();
            body.Grow([], random, depth: 0);
            body._leaves.Add(new(["f:spec", "f:last"], "0") { Ours = true });
            body._leaves.Add(new(["f:spec", "f:foreign"], "0"));
            return body;
        }

        public void ChangeOurs(Random random) => Pick(random, ours: true).Value += "1";

        public void ChangeForeign(Random random)
        {
            Pick(random, ours: false).Value += "1";
            _leaves.Add(new(["f:spec", $"f:added{random.Next()}"], "1"));
            _leaves.Add(new(["f:spec", "f:items", $$"""k:{"name":"new{{random.Next()}}"}""", "f:port"], "1"));
            for (var i = _leaves.Count - 1; i > 0; i--)
            {
                var other = random.Next(i + 1);
                (_leaves[i], _leaves[other]) = (_leaves[other], _leaves[i]);
            }
        }

        public void TakeOurs(Random random) => Pick(random, ours: true).Ours = false;

        public DynamicObject Object()
        {
            var root = new JsonObject { ["apiVersion"] = "example.com/v1", ["kind"] = "Body" };
            var metadata = new JsonObject { ["name"] = "b", ["namespace"] = "n" };
            root["metadata"] = metadata;
            foreach (var leaf in _leaves)
            {
                Put(root, leaf);
            }

            metadata["managedFields"] = new JsonArray(
                new JsonObject { ["manager"] = "other", ["operation"] = "Update", ["time"] = $"t{_leaves.Count}", ["fieldsV1"] = Fields(ours: false) },
                new JsonObject { ["manager"] = "kubetemplater", ["operation"] = "Apply", ["time"] = "t", ["fieldsV1"] = Fields(ours: true) });
            return DynamicObject.Parse(JsonSerializer.SerializeToUtf8Bytes(root));
        }

        private void Grow(string[] path, Random random, int depth)
        {
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                string[] here = [.. path, depth == 0 ? "f:spec" : path[^1] == "f:items" ? $$"""k:{"name":"i{{i}}"}""" : random.Next(4) == 0 ? "f:items" : $"f:m{i}"];
                if (_leaves.Any(leaf => leaf.Path.SequenceEqual(here)) || (depth > 0 && here[^1] == "f:items" && _leaves.Any(leaf => leaf.Path.Take(here.Length).SequenceEqual(here))))
                {
                    continue;
                }

                if (depth < 5 && (depth == 0 || here[^1] == "f:items" || here[^1].StartsWith("k:", StringComparison.Ordinal) || random.Next(2) == 0))
                {
                    Grow(here, random, depth + 1);
                }
                else if (!_leaves.Any(leaf => leaf.Path.Take(here.Length).SequenceEqual(here)) && here[^1] != "f:items" && here[^1][0] == 'f')
                {
                    _leaves.Add(new(here, $"{random.Next(10)}") { Ours = random.Next(2) == 0 });
                }
            }
        }

        private Leaf Pick(Random random, bool ours)
        {
            var those = _leaves.Where(leaf => leaf.Ours == ours).ToList();
            return those[random.Next(those.Count)];
        }

        private static void Put(JsonObject root, Leaf leaf)
        {
            JsonNode place = root;
            for (var i = 0; i < leaf.Path.Length; i++)
            {
                var step = leaf.Path[i];
                if (i == leaf.Path.Length - 1)
                {
                    place[step[2..]] = leaf.Value;
                }
                else if (place is JsonArray list)
                {
                    var name = JsonNode.Parse(step[2..])!["name"]!.GetValue<string>();
                    var item = list.FirstOrDefault(one => one!["name"]!.GetValue<string>() == name);
                    if (item is null)
                    {
                        list.Add(item = new JsonObject { ["name"] = name });
                    }

                    place = item;
                }
                else
                {
                    place = place[step[2..]] ??= leaf.Path[i + 1][0] == 'k' ? new JsonArray() : new JsonObject();
                }
            }
        }

        /// <summary>As the server writes them: sorted, and without those that own nothing.</summary>
        private JsonObject Fields(bool ours)
        {
            var root = new JsonObject();
            foreach (var leaf in _leaves.Where(leaf => leaf.Ours == ours).OrderBy(leaf => string.Join('/', leaf.Path), StringComparer.Ordinal))
            {
                var place = root;
                foreach (var step in leaf.Path)
                {
                    place = (JsonObject)(place[step] ??= new JsonObject());
                }
            }

            return root;
        }
    }

    private sealed class Leaf(string[] path, string value)
    {
        public string[] Path { get; } = path;

        public string Value { get; set; } = value;

        public bool Ours { get; set; }
    }
}
