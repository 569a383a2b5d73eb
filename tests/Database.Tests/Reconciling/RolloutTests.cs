using System.Collections.Concurrent;
using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Testing;
using Databases.Desired;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>New images that reach the Databases of an environment one after the other.</summary>
public class RolloutTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_reaches_the_Databases_of_an_environment_one_after_the_other_and_others_at_once()
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { RolloutsPerEnvironment = 1, MaxConcurrentReconciles = 4 });
        string[] waves = ["a", "b", "c"];
        foreach (var name in waves.Append("free"))
        {
            var database = Given.Database(name);
            database.Spec.Environment = name == "free" ? null : "production";
            await running.Client.CreateAsync(database, cancellationToken: Cancelled);
            await running.SeenAsync("default", name, Phases.Ready, now => now.Status!.Image == "postgres:14");
        }

        // When each StatefulSet got the image, and when each Database was ready with it: the server counts all writes by one counter.
        var (begun, done) = (new ConcurrentDictionary<string, long>(), new ConcurrentDictionary<string, long>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var (sets, databases) = (new Informer(running.Client, ChildKinds.StatefulSet), new Informer(running.Client, Database.Resource));
        sets.AddHandler(change => Note(begun, change.New, set => StatefulSetState.ImageOf(set)));
        databases.AddHandler(change => Note(done, change.New, database => (string?)database.ToJson()["status"]?["image"]));
        var watching = Task.WhenAll(sets.RunAsync(stop.Token), databases.RunAsync(stop.Token));
        await sets.WaitForSyncAsync(Cancelled);
        await databases.WaitForSyncAsync(Cancelled);

        foreach (var name in waves.Append("free").Reverse())
        {
            await running.ChangeAsync("default", name, """{"image": "postgres:14.9"}""");
        }

        await Eventually.SeeAsync("all to have it", _ => Task.FromResult(done.Count), count => count == 4, TimeSpan.FromSeconds(90), Cancelled);
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        var order = waves.OrderBy(name => begun[name]).ToList();
        foreach (var (before, after) in order.Zip(order.Skip(1)))
        {
            Assert.True(begun[after] > done[before], $"{after} began at {begun[after]}, {before} was done at {done[before]}");
        }
    }

    [Fact]
    public async Task A_Database_that_waits_for_its_turn_says_so_and_stays_ready()
    {
        await using var running = await OperatorUnderTest.StartAsync(new() { RolloutsPerEnvironment = 1 });
        foreach (var name in (string[])["first", "second"])
        {
            var database = Given.Database(name);
            database.Spec.Environment = "production";
            await running.Client.CreateAsync(database, cancellationToken: Cancelled);
            await running.SeenAsync("default", name, Phases.Ready);
        }

        // Its pod cannot go, so the first does not get through.
        await running.Client.PatchAsync(ChildKinds.Pod, new("default", "first-0"), PatchType.Merge, """{"metadata": {"finalizers": ["example.com/held"]}}"""u8.ToArray(), cancellationToken: Cancelled);
        await running.ChangeAsync("default", "first", """{"image": "postgres:14.9"}""");
        await running.FindAsync(ChildKinds.StatefulSet, "default", "first", set => StatefulSetState.ImageOf(set) == "postgres:14.9");
        await running.ChangeAsync("default", "second", """{"image": "postgres:14.9"}""");

        var waiting = await running.SeenAsync("default", "second", Phases.Ready, now => Conditions.Find(now.Status!.Conditions, "Progressing")!.Reason == Rollouts.Waits);

        Assert.Contains("default/first", Conditions.Find(waiting.Status!.Conditions, "Progressing")!.Message, StringComparison.Ordinal);
        Assert.Equal("postgres:14", StatefulSetState.ImageOf(await running.FindAsync(ChildKinds.StatefulSet, "default", "second")));
        await running.Client.PatchAsync(ChildKinds.Pod, new("default", "first-0"), PatchType.Merge, """{"metadata": {"finalizers": null}}"""u8.ToArray(), cancellationToken: Cancelled);
        await running.SeenAsync("default", "second", Phases.Ready, now => now.Status!.Image == "postgres:14.9");
    }

    private static void Note(ConcurrentDictionary<string, long> notes, DynamicObject? seen, Func<DynamicObject, string?> image)
    {
        if (seen is not null && image(seen) == "postgres:14.9")
        {
            notes.TryAdd(seen.Key.Name, long.Parse(seen.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
