using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Kinds;
using Capstan.Patching;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit;

namespace Capstan.Objects.Tests.ServerSideApply;

/// <summary>Random writes of several managers, against a model of who owns each key of a ConfigMap.</summary>
public sealed class ApplyModelTests(ITestOutputHelper output)
{
    private static readonly string[] Keys = ["a", "b", "c", "d"];

    [Fact]
    public void Every_value_is_owned_by_whoever_set_it_last_or_shares_it()
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(new Replay(new Rnd(3, 11), FSharpOption<int>.None));
        var writes = 0;
        Check.One(config, Prop.ForAll(Arb.From(Gen.ListOf(Writes(), 15)), sequence =>
        {
            var run = new Run(output);
            foreach (var write in sequence)
            {
                writes++;
                if (!run.Does(write)) return false;
            }

            return true;
        }));
        output.WriteLine($"{writes} writes agreed with the model");
    }

    private static Gen<Write> Writes() =>
        from manager in Gen.Elements("ash", "birch", "cedar")
        from how in Gen.Frequency((5, Gen.Constant("apply")), (2, Gen.Constant("force")), (2, Gen.Constant("update")))
        from values in Gen.ArrayOf(Gen.Choose(-2, 2), Keys.Length)
        select new Write(manager, how, Keys.Zip(values).Where(v => v.Second >= 0).ToDictionary(v => v.First, v => v.Second));

    private sealed record Write(string Manager, string How, Dictionary<string, int> Values)
    {
        public override string ToString() => $"{Manager} {How} {string.Join(' ', Values.Select(v => $"{v.Key}={v.Value}"))}";
    }

    private sealed class Run(ITestOutputHelper output)
    {
        private readonly Dictionary<string, (int Value, HashSet<string> Owners)> _model = [];
        private JsonObject? _live;
        private int _second;

        public bool Does(Write write)
        {
            var request = new ApplyRequest(write.Manager, "v1", "", write.How == "force", new DateTimeOffset(2026, 1, 1, 0, 0, _second++ % 60, TimeSpan.Zero));
            var schema = BuiltInKinds.SchemaOf(new("", "v1", "ConfigMap"));
            if (write.How == "update")
            {
                var after = Object(write.Values);
                if (_live is not null) after["metadata"] = _live["metadata"]!.DeepClone();
                ManagedFields.TrackUpdate(_live, after, schema, request);
                // Once an object has lost all its owners, updates are no longer tracked: start afresh, as a new object does.
                if (_live is not null && after["metadata"]!["managedFields"] is null)
                {
                    _live = null;
                    _model.Clear();
                    return true;
                }

                _live = after;
                ModelUpdate(write);
                return IsAsModelled(write);
            }

            var conflicts = write.Values.Where(v => _model.TryGetValue(v.Key, out var held) && held.Value != v.Value && held.Owners.Any(o => o != write.Manager))
                .Select(v => v.Key).Order(StringComparer.Ordinal).ToArray();
            try
            {
                var configuration = Object(write.Values);
                var applied = Capstan.Patching.ServerSideApply.Apply(_live, configuration, schema, request);
                if (conflicts.Length > 0 && write.How != "force") return Fails(write, "should have met conflicts");
                if (_live is not null && applied["metadata"]!["managedFields"] is null && _model.Count == 0) return true;
                _live = applied;
                ModelApply(write);
                var again = Capstan.Patching.ServerSideApply.Apply(_live, configuration, schema, request with { Now = request.Now.AddHours(1), Force = false });
                if (!JsonNode.DeepEquals(again, _live)) return Fails(write, "is not idempotent: " + again.ToJsonString());
            }
            catch (ApplyConflictException e)
            {
                var fields = e.Conflicts.Select(c => KeyOf(c.Field)).Distinct().Order(StringComparer.Ordinal).ToArray();
                if (write.How == "force") return Fails(write, "was forced and met conflicts");
                if (!fields.SequenceEqual(conflicts)) return Fails(write, $"conflicts {string.Join(' ', fields)}, expected {string.Join(' ', conflicts)}");
            }

            return IsAsModelled(write);
        }

        private void ModelApply(Write write)
        {
            foreach (var (key, held) in _model.ToArray())
                if (!write.Values.ContainsKey(key) && held.Owners.Remove(write.Manager) && held.Owners.Count == 0) _model.Remove(key);
            foreach (var (key, value) in write.Values)
            {
                if (_model.TryGetValue(key, out var held) && held.Value == value) held.Owners.Add(write.Manager);
                else _model[key] = (value, [write.Manager]);
            }
        }

        private void ModelUpdate(Write write)
        {
            foreach (var key in _model.Keys.Except(write.Values.Keys).ToArray()) _model.Remove(key);
            foreach (var (key, value) in write.Values)
                if (!_model.TryGetValue(key, out var held) || held.Value != value) _model[key] = (value, ["update of " + write.Manager]);
        }

        private bool IsAsModelled(Write write)
        {
            if (_live is null) return true;
            var expected = string.Join(' ', _model.OrderBy(m => m.Key, StringComparer.Ordinal)
                .Select(m => $"{m.Key}={m.Value.Value}:{string.Join('+', m.Value.Owners.Order(StringComparer.Ordinal))}"));
            var owners = new Dictionary<string, SortedSet<string>>();
            foreach (var entry in _live["metadata"]?["managedFields"] as JsonArray ?? [])
            {
                var name = ((string)entry!["operation"]! == "Update" ? "update of " : "") + entry["manager"];
                foreach (var key in OwnedKeys(entry["fieldsV1"]!.AsObject())) (owners.TryGetValue(key, out var names) ? names : owners[key] = new(StringComparer.Ordinal)).Add(name);
            }

            var actual = string.Join(' ', Values().OrderBy(v => v.Key, StringComparer.Ordinal)
                .Select(v => $"{v.Key}={v.Value}:{string.Join('+', owners.GetValueOrDefault(v.Key) ?? [])}"));
            if (owners.Keys.Except(Values().Keys).Any()) return Fails(write, "left owners of what is gone");
            return actual == expected || Fails(write, $"\n  gave  {actual}\n  model {expected}");
        }

        private bool Fails(Write write, string how)
        {
            output.WriteLine($"{write} {how}\n{_live?.ToJsonString()}");
            return false;
        }

        private static JsonObject Object(Dictionary<string, int> values) => new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "n" },
            ["data"] = new JsonObject(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value.ToString(CultureInfo.InvariantCulture)))),
        };

        private Dictionary<string, int> Values() =>
            (_live!["data"] as JsonObject ?? []).ToDictionary(v => v.Key, v => int.Parse((string)v.Value!, CultureInfo.InvariantCulture));

        private static IEnumerable<string> OwnedKeys(JsonObject fields) =>
            (fields["f:data"] as JsonObject ?? []).Where(f => f.Key != ".").Select(f => f.Key[2..]);

        private static string KeyOf(string field) => field[".data.".Length..];
    }
}
