using System.Globalization;
using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Watching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Trap 23: own and foreign writes in any order, told by a watch that lags: a reader sees each object at least as new as the last own write of it, and never older than the watch told.</summary>
public sealed class OwnWriteModelTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    public enum Step
    {
        ForeignPut,
        OwnPut,
        OwnPutThatChangesNothing,
        ForeignDelete,
        OwnDelete,
        Tell,
        TellAll,
        List,
    }

    [Fact]
    public void Trap23_a_reader_sees_its_own_writes_whatever_the_watch_tells_and_when()
    {
        var step =
            from kind in Gen.Frequency(
                (3, Gen.Constant(Step.ForeignPut)), (4, Gen.Constant(Step.OwnPut)), (1, Gen.Constant(Step.OwnPutThatChangesNothing)), (2, Gen.Constant(Step.ForeignDelete)),
                (2, Gen.Constant(Step.OwnDelete)), (6, Gen.Constant(Step.Tell)), (1, Gen.Constant(Step.TellAll)), (1, Gen.Constant(Step.List)))
            from name in Gen.Elements(Names)
            select (kind, name);
        Prop.ForAll(Gen.ListOf(step).ToArbitrary(), steps => new Run().Check([.. steps])).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));
    }

    private sealed class Run
    {
        private readonly List<(int Version, string Name, string Uid, bool IsGone)> _log = [];
        private readonly Dictionary<string, int> _own = [];
        private readonly Dictionary<string, string> _ownGone = [];
        private readonly CacheParts _parts;
        private readonly ObjectStore _store;
        private int _told;
        private int _version = 10;
        private int _uids;

        public Run()
        {
            var options = new InformerOptions();
            var scope = new CacheScope(ConfigMap.Resource, options);
            _parts = new CacheParts(scope);
            _store = new ObjectStore(ConfigMap.Resource, options, scope, _parts, new ManualTime());
            _store.Take(Part, WatchEvent.Restarted([], "10"));
        }

        private CachePart Part => _parts.All[0];

        private int ToldVersion => _told == 0 ? 10 : _log[_told - 1].Version;

        public void Check(IReadOnlyList<(Step Step, string Name)> steps)
        {
            foreach (var (step, name) in steps)
            {
                Do(step, name);
                foreach (var each in Names)
                {
                    CheckOne(each, $"{each} after {step} of {name}");
                }
            }

            while (_told < _log.Count)
            {
                Tell();
            }

            Assert.True(_parts.HaveNoOwnWrites, "everything was told, and something is still over it");
            Assert.All(Names, name => Assert.Equal(At(name, _version)?.Version.ToString(CultureInfo.InvariantCulture), Seen(name)?.ResourceVersion));
        }

        private void Do(Step step, string name)
        {
            var now = At(name, _version);
            switch (step)
            {
                case Step.ForeignPut or Step.OwnPut:
                    _log.Add((++_version, name, now?.Uid ?? $"u{++_uids}", false));
                    if (step == Step.OwnPut)
                    {
                        _own[name] = _version;
                        _store.ObserveWrite(Object(_log[^1]));
                    }

                    break;
                case Step.OwnPutThatChangesNothing when now is { } same:
                    _own[name] = Math.Max(_own.GetValueOrDefault(name), same.Version);
                    _store.ObserveWrite(Object(same));
                    break;
                case Step.ForeignDelete or Step.OwnDelete when now is { } gone:
                    _log.Add((++_version, name, gone.Uid, true));
                    if (step == Step.OwnDelete)
                    {
                        _ownGone[gone.Uid] = name;
                        _store.ObserveDeletion(new("default", name), gone.Uid);
                    }

                    break;
                case Step.Tell when _told < _log.Count:
                    Tell();
                    break;
                case Step.TellAll:
                    while (_told < _log.Count)
                    {
                        Tell();
                    }

                    break;
                case Step.List:
                    _told = _log.Count;
                    var objects = Names.Select(n => At(n, _version)).Where(e => e is not null).Select(e => Object(e!.Value)).ToList();
                    _store.Take(Part, WatchEvent.Restarted(objects, _version.ToString(CultureInfo.InvariantCulture)));

                    // A list says nothing of deletions; their hiding ends with its lifetime, and hides nothing that is there.
                    foreach (var uid in _ownGone.Keys)
                    {
                        Part.Own.ToldGone(uid);
                    }

                    break;
            }
        }

        private void CheckOne(string name, string when)
        {
            var seen = Seen(name);
            var wanted = At(name, Math.Max(ToldVersion, _own.GetValueOrDefault(name)));
            if (wanted is { } there && _ownGone.ContainsKey(there.Uid))
            {
                wanted = null;
            }

            Assert.True(wanted?.Version.ToString(CultureInfo.InvariantCulture) == seen?.ResourceVersion, $"{when}: saw {seen?.ResourceVersion ?? "nothing"}, not {wanted?.ToString() ?? "nothing"}");
            Assert.True(seen is null || !_ownGone.ContainsKey(seen.Uid!), $"{when}: saw what was deleted");
        }

        private void Tell()
        {
            var change = _log[_told++];
            _store.Take(Part, change.IsGone ? WatchEvent.Deleted(Object(change)) : WatchEvent.Applied(Object(change)));
        }

        private (int Version, string Name, string Uid, bool IsGone)? At(string name, int version)
        {
            var last = _log.LastOrDefault(e => e.Name == name && e.Version <= version);
            return last.Name is null || last.IsGone ? null : last;
        }

        private DynamicObject? Seen(string name) => _store.View.Find(new("default", name));

        private static DynamicObject Object((int Version, string Name, string Uid, bool IsGone) entry) =>
            DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(WireText.Object(entry.Name, entry.Version, entry.Uid)));
    }
}
