using Capstan.Caching;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Policies;

/// <summary>Where a policy is looked for, with an informer that has seen nothing yet.</summary>
public sealed class PolicyBookTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task A_policy_that_the_watch_has_not_told_yet_is_read_from_the_server()
    {
        await _under.NamespaceWithPolicyAsync("just-made", "[]");

        Assert.Equal("just-made", (await Blind().ForAsync("just-made", TestContext.Current.CancellationToken)).Policy.Metadata.Name);
    }

    [Fact]
    public async Task Templates_without_a_policy_cost_one_read_a_second_and_no_more()
    {
        var book = Blind();
        var before = await ListsAsync();
        for (var i = 0; i < 100; i++)
        {
            await Assert.ThrowsAsync<TemplateException>(async () => await book.ForAsync($"nobody-{i}", TestContext.Current.CancellationToken));
        }

        Assert.Equal(before + 1, await ListsAsync());
    }

    private PolicyBook Blind() => new(
        _under.Client,
        new Informer(_under.Client, KubeTemplatePolicy.Resource, new() { Namespace = OperatorUnderTest.OperatorNamespace }),
        OperatorUnderTest.OperatorNamespace,
        new StoppedClock());

    private Task<long> ListsAsync() => _under.ServerCountAsync("LIST", "kubetemplatepolicies");

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
