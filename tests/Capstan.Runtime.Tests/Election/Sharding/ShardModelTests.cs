using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Replica = Capstan.Runtime.Tests.Election.Sharding.ShardSimulation.Replica;

namespace Capstan.Runtime.Tests.Election.Sharding;

/// <summary>Members that are killed, paused, cut off, slow and late, in random order: what must hold at every moment, and what in the end.</summary>
public sealed class ShardModelTests
{
    private static readonly TimeSpan Bound = ShardSimulation.LeaseDuration + ShardSimulation.RetryPeriod + TimeSpan.FromSeconds(1);

    private static int Sequences => int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_TEST_SEQUENCES"), out var asked) ? asked : 200;

    private enum Op
    {
        Pause,
        Partition,
        Kill,
        Add,
        Leave,
        LoseRequest,
        DeliverLate,
        Heal,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Never_two_workers_on_a_key_whatever_happens_and_one_in_the_end(bool clocksDrift)
    {
        var command = Gen.Choose(0, 99).SelectMany(op => Gen.Choose(0, 5).SelectMany(who => Gen.Choose(0, 23).Select(number => (Op: op, Who: who, Number: number))));
        var (begun, shared) = (0, 0);
        var property = Prop.ForAll(Arb.From(command.ListOf().Select(list => list.ToArray())), commands =>
        {
            var world = Play(commands, clocksDrift);
            (begun, shared) = (begun + world.Begun, shared + world.Shared);
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Sequences).WithStartSize(50).WithEndSize(600).WithReplay(20261121, clocksDrift ? 3u : 5u), property);
        TestContext.Current.TestOutputHelper!.WriteLine($"{Sequences} sequences, {begun} runs; {shared} times a replica that could not know had a run of another's key, and might not write");
        Assert.True(begun > 10 * Sequences && shared > 0, "the sequences did not put it to the test");
    }

    private static ShardSimulation Play((int Op, int Who, int Number)[] commands, bool clocksDrift)
    {
        var world = new ShardSimulation();
        for (var i = 0; i < 3; i++)
        {
            world.Add(RateOf(i));
        }

        foreach (var (op, who, number) in commands)
        {
            var alive = world.Alive.ToList();
            var replica = alive.Count == 0 ? world.Add() : alive[who % alive.Count];
            switch (op)
            {
                case < 35:
                    for (var i = 0; i <= number % 4; i++)
                    {
                        replica.Step();
                    }

                    break;
                case < 45:
                    world.Run(TimeSpan.FromSeconds(number / 10.0));
                    break;
                case < 55:
                    world.Advance(TimeSpan.FromSeconds(number / 4.0));
                    break;
                case < 75:
                    for (var i = 0; i < 8; i++)
                    {
                        replica.Begin(ShardSimulation.Keys[(number + i) % ShardSimulation.Keys.Length]);
                    }

                    break;
                case < 82:
                    for (var i = 0; i <= number % 8; i++)
                    {
                        replica.End(number);
                    }

                    break;
                case < 90:
                    replica.Fill();
                    replica.Notice();
                    break;
                default:
                    Upset(world, replica, (Op)(number % 8), number);
                    break;
            }

            world.Check(clocksAgree: !clocksDrift);
        }

        EndsWell(world, clocksDrift);
        return world;

        // Slow or fast by a sixth: less than the renew deadline and the lease duration differ.
        double RateOf(int which) => clocksDrift ? 1 + (((which % 3) - 1) / 6.0) : 1;
    }

    private static void Upset(ShardSimulation world, Replica replica, Op op, int number)
    {
        switch (op)
        {
            case Op.Pause:
                replica.IsPaused = !replica.IsPaused;
                replica.ExitIfZombie();
                break;
            case Op.Partition:
                replica.IsPartitioned = !replica.IsPartitioned;
                break;
            case Op.Kill:
                replica.IsDead = true;
                break;
            case Op.Add when world.Alive.Count() < 6:
                world.Add();
                break;
            case Op.Leave:
                replica.Leave();
                break;
            case Op.LoseRequest:
                replica.LoseRequest();
                break;
            case Op.DeliverLate:
                world.DeliverLate(number);
                break;
            case Op.Heal:
                replica.IsPaused = replica.IsPartitioned = false;
                replica.ExitIfZombie();
                break;
        }
    }

    /// <summary>Once nothing fails any more, each key has exactly one owner within a lease and a round.</summary>
    private static void EndsWell(ShardSimulation world, bool clocksDrift)
    {
        foreach (var replica in world.Alive.ToList())
        {
            replica.IsPaused = replica.IsPartitioned = false;
            replica.ExitIfZombie();
        }

        if (!world.Alive.Any())
        {
            world.Add();
        }

        world.Add();
        world.Run(Bound * (clocksDrift ? 1.25 : 1), () =>
        {
            foreach (var replica in world.Alive)
            {
                replica.End(0);
            }

            world.Check(clocksAgree: !clocksDrift);
        });
        foreach (var key in ShardSimulation.Keys)
        {
            var owners = world.OwnersOf(key);
            Assert.True(owners.Count == 1, $"{Bound} after the last fault a key has {owners.Count} owners");
        }
    }
}
