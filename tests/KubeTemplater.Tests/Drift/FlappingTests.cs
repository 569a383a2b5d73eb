using Capstan.Runtime.Tests;
using KubeTemplater.Drift;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Drift;

public sealed class FlappingTests
{
    private static readonly ObjectIdentity _web = new("apps", "Deployment", "blue", "web");

    private readonly ManualTime _time = new();
    private readonly Flapping _flapping;

    public FlappingTests() => _flapping = new(_time);

    [Fact]
    public void The_first_corrections_are_made_at_once_and_further_ones_wait_twice_as_long_each_up_to_five_minutes()
    {
        var waits = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            _flapping.Corrected(_web);
            var wait = _flapping.WaitOf(_web);
            waits.Add(wait.TotalSeconds);
            _time.Advance(wait);
        }

        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 300, 300], waits);
        Assert.Equal(20, _flapping.TimesOf(_web));
    }

    [Fact]
    public void An_object_that_stays_as_it_is_is_forgotten()
    {
        for (var i = 0; i <= Flapping.AtOnce; i++)
        {
            _flapping.Corrected(_web);
        }

        Assert.NotNull(_flapping.TimesOf(_web));
        _time.Advance(_flapping.CalmIn(_web));

        Assert.Null(_flapping.TimesOf(_web));
        Assert.Equal(1, _flapping.Count);
        _flapping.Sweep();
        Assert.Equal(0, _flapping.Count);
    }

    [Fact]
    public void A_change_now_and_then_never_waits()
    {
        for (var i = 0; i < 100; i++)
        {
            _flapping.Corrected(_web);
            Assert.Equal(TimeSpan.Zero, _flapping.WaitOf(_web));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null(_flapping.TimesOf(_web));
    }

    [Fact]
    public void A_wait_of_one_object_holds_up_no_other()
    {
        for (var i = 0; i < 10; i++)
        {
            _flapping.Corrected(_web);
        }

        Assert.True(_flapping.WaitOf(_web) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _flapping.WaitOf(_web with { Name = "other" }));
    }
}
