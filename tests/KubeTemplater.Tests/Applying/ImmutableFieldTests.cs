using Capstan;
using KubeTemplater.Applying;

namespace KubeTemplater.Tests.Applying;

public class ImmutableFieldTests
{
    // As a real kube-apiserver 1.36 words them.
    [Theory]
    [InlineData("Invalid value: null: field is immutable", true)]
    [InlineData("Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden", true)]
    [InlineData("Invalid value: [\"10.0.0.1\"]: may not change once set", true)]
    [InlineData("Forbidden: field is immutable when `immutable` is set", true)]
    [InlineData("Required value", false)]
    [InlineData("Invalid value: \"x\": must be no more than 63 characters", false)]
    public void Only_a_change_of_an_immutable_field_calls_for_a_new_object(string cause, bool immutable) =>
        Assert.Equal(immutable, ImmutableField.IsWhy(Invalid(cause)));

    [Fact]
    public void Another_fault_beside_it_would_refuse_the_new_object_too() =>
        Assert.False(ImmutableField.IsWhy(Invalid("Invalid value: null: field is immutable", "Required value")));

    [Fact]
    public void A_refusal_without_causes_or_of_another_kind_says_nothing_about_fields()
    {
        Assert.False(ImmutableField.IsWhy(new ApiStatus { Reason = StatusReasons.Invalid }));
        Assert.False(ImmutableField.IsWhy(Invalid("field is immutable") with { Reason = StatusReasons.Forbidden }));
    }

    private static ApiStatus Invalid(params string[] causes) => new()
    {
        Reason = StatusReasons.Invalid,
        Details = new ApiStatusDetails { Causes = [.. causes.Select(c => new ApiStatusCause { Message = c })] },
    };
}
