using Capstan;
using System.Text.Json;
using Capstan.Cel;
using KubeTemplater.Policies.Checks;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Policies;

/// <summary>Each type of field validation over one object, as the Go operator judges it, and beyond.</summary>
public class FieldCheckTests
{
    private const string Object = """
        {
          "apiVersion": "apps/v1", "kind": "Deployment",
          "metadata": {"name": "prod-web", "namespace": "blue", "labels": {"team": "blue", "app.kubernetes.io/name": "web", "empty": ""}, "annotations": null},
          "spec": {
            "replicas": 5, "ratio": 1.5, "big": 9223372036854775807, "paused": false, "text": "5",
            "containers": [{"name": "a", "image": "reg/a:1", "ports": [{"n": 1}, {"n": 2}]}, {"name": "b", "image": "other/b", "ports": []}],
            "none": []
          }
        }
        """;

    [Theory]
    [InlineData("metadata.labels.team", null)]
    [InlineData("metadata.labels.missing", "metadata.labels.missing is required")]
    [InlineData("metadata.labels.empty", "metadata.labels.empty is required")]
    [InlineData("metadata.labels['app.kubernetes.io/name']", null)]
    [InlineData("metadata.labels[\"a.b/c\"]", "metadata.labels['a.b/c'] is required")]
    [InlineData("metadata.annotations", "metadata.annotations is required")]
    [InlineData("metadata.annotations.x.y", "metadata.annotations.x.y is required")]
    [InlineData("spec.paused", null)]
    [InlineData("spec.none", null)]
    [InlineData("spec.containers[*].image", null)]
    [InlineData("spec.containers[*].tag", "spec.containers[0].tag is required (and 1 more like it)")]
    [InlineData("spec.containers[1].image", null)]
    [InlineData("spec.containers[2].image", "spec.containers[2].image is required")]
    [InlineData("spec.containers[*].ports[*].n", null)]
    [InlineData("spec.none[*].x", null)]
    [InlineData("spec.absent[*].x", null)]
    [InlineData("spec.containers.image", "spec.containers is a list: [*] means each item, [0] the first")]
    [InlineData("spec.replicas.x", "spec.replicas is a single value")]
    [InlineData("spec[0]", "spec is an object, and no list")]
    public void Required(string path, string? fault) => Judge(new() { Type = "required", FieldPath = path }, fault);

    [Theory]
    [InlineData("metadata.labels.missing", null)]
    [InlineData("metadata.labels.team", "metadata.labels.team is forbidden")]
    [InlineData("metadata.annotations", "metadata.annotations is forbidden")]
    [InlineData("spec.containers[*].securityContext.privileged", null)]
    [InlineData("spec.containers[*].name", "spec.containers[0].name is forbidden (and 1 more like it)")]
    [InlineData("spec.containers.name", "spec.containers is a list: [*] means each item, [0] the first")]
    public void Forbidden(string path, string? fault) => Judge(new() { Type = "forbidden", FieldPath = path }, fault);

    [Theory]
    [InlineData("spec.replicas", 1L, 10L, null)]
    [InlineData("spec.replicas", 5L, 5L, null)]
    [InlineData("spec.replicas", 6L, null, "spec.replicas is below the minimum 6")]
    [InlineData("spec.replicas", null, 4L, "spec.replicas is above the maximum 4")]
    [InlineData("spec.big", null, long.MaxValue, null)]
    [InlineData("spec.ratio", 1L, 2L, "spec.ratio is no whole number")]
    [InlineData("spec.text", 1L, 10L, "spec.text is no whole number")]
    [InlineData("spec.missing", 1L, 10L, "spec.missing is not found")]
    [InlineData("spec.containers[*].ports[*].n", 2L, null, "spec.containers[0].ports[0].n is below the minimum 2")]
    public void Range(string path, long? min, long? max, string? fault) => Judge(new() { Type = "range", FieldPath = path, Min = min, Max = max }, fault);

    [Theory]
    [InlineData("metadata.name", "^prod-[a-z]+$", null)]
    [InlineData("metadata.name", "rod", null)]
    [InlineData("metadata.name", "^dev-", "metadata.name does not match ^dev-")]
    [InlineData("spec.containers[*].image", "^reg/", "spec.containers[1].image does not match ^reg/")]
    [InlineData("spec.replicas", "5", "spec.replicas is no text")]
    [InlineData("metadata.labels.missing", ".*", "metadata.labels.missing is not found")]
    public void Regex(string path, string pattern, string? fault) => Judge(new() { Type = "regex", FieldPath = path, Regex = pattern }, fault);

    [Theory]
    [InlineData(null, "object.spec.replicas <= 5", null)]
    [InlineData("object", "object.metadata.name.startsWith('prod-')", null)]
    [InlineData(null, "object.metadata.namespace == 'blue'", null)]
    [InlineData("spec.replicas", "value > 5", "spec.replicas fails value > 5")]
    [InlineData("spec.missing", "value == null", null)]
    [InlineData("spec.containers[*].image", "value.startsWith('reg/')", "spec.containers[1].image fails value.startsWith('reg/')")]
    [InlineData("spec.containers[*].image", "object.spec.replicas == 5 && value.size() > 3", null)]
    [InlineData(null, "object.spec.nothing == 1", "CEL error: no such key: nothing")]
    [InlineData(null, "object.spec.replicas", "fails object.spec.replicas")]
    [InlineData(null, "oldObject == null && namespaceObject == null && params.limit == 7", null)]
    [InlineData(null, "quantity('1Gi').isGreaterThan(quantity('1Mi')) && ['a'].exists(x, x == 'a')", null)]
    public void Cel(string? path, string expression, string? fault) => Judge(new() { Type = "cel", FieldPath = path, Cel = expression }, fault);

    [Fact]
    public void A_message_replaces_the_words_of_the_check() =>
        Assert.Equal("fieldValidation (size): 1..8 replicas", FieldCheck.Compile(new() { Name = "size", Type = "range", FieldPath = "spec.replicas", Max = 1, Message = "1..8 replicas" }).Violation(Input()));

    [Theory]
    [InlineData("glob", null, null, null, "type: 'glob' is unknown: there are cel, regex, range, required and forbidden")]
    [InlineData("required", null, null, null, "fieldPath: is missing, and type required needs one")]
    [InlineData("required", "a[", null, null, "fieldPath: the ] is missing, at character 2 of 'a['")]
    [InlineData("required", "a[x]", null, null, "fieldPath: in [] stands *, a number from 0, or a quoted name, at character 3 of 'a[x]'")]
    [InlineData("required", "a['b]", null, null, "fieldPath: the quoted name does not end with the same quote and ], at character 3 of 'a['b]'")]
    [InlineData("required", "a[0]b", null, null, "fieldPath: a . or [ is missing, at character 5 of 'a[0]b'")]
    [InlineData("required", ".a", null, null, "fieldPath: a name is missing, at character 1 of '.a'")]
    [InlineData("range", "a", null, null, "min: type range needs min or max")]
    [InlineData("regex", "a", null, null, "regex: is missing, and type regex needs one")]
    [InlineData("cel", null, null, null, "cel: is missing, and type cel needs one")]
    [InlineData("cel", null, "1 + 1", null, "cel: gives a int, and must give a bool")]
    [InlineData("cel", null, "value == 1", null, "cel: does not compile: ERROR: <input>:1:1: undeclared reference to 'value' (in container '')\n | value == 1\n | ^")]
    [InlineData("regex", "a", null, @"(?=x)", "regex: error parsing regexp: invalid or unsupported Perl syntax: `(?=`, at character 1")]
    public void What_cannot_be_compiled_says_where_it_is_wrong(string type, string? path, string? cel, string? regex, string fault) =>
        Assert.Equal(fault, Assert.Throws<CheckFault>(() => FieldCheck.Compile(new() { Name = "n", Type = type, FieldPath = path, Cel = cel, Regex = regex })).Message);

    [Fact]
    public void An_expression_that_costs_too_much_is_stopped_and_refuses()
    {
        var check = FieldCheck.Compile(new() { Name = "n", Type = "cel", Cel = "[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, [0,1,2,3,4,5,6,7,8,9].map(d, [0,1,2,3,4,5,6,7,8,9].map(e, [0,1,2,3,4,5,6,7,8,9].map(f, 1)))))).size() > 0" });
        var input = Input();

        Assert.Equal("fieldValidation (n): CEL error: operation cancelled: actual cost limit exceeded", check.Violation(input));
        for (var i = 0; i < 9; i++)
        {
            check.Violation(input);
        }

        Assert.Equal("fieldValidation (n): is not evaluated: the checks of this policy have taken all that one template may cost", check.Violation(input));
    }

    [Fact]
    public void A_search_that_could_take_minutes_is_refused_before_it_begins()
    {
        var check = FieldCheck.Compile(new() { Name = "n", Type = "regex", FieldPath = "text", Regex = "(a?){500}b{500}$" });
        var large = new CheckInput(JsonDocument.Parse($"{{\"text\":\"{new string('a', 1024 * 1024)}\"}}").RootElement);
        var small = new CheckInput(JsonDocument.Parse($"{{\"text\":\"{new string('a', 1024)}\"}}").RootElement);

        Assert.Equal("fieldValidation (n): text is not searched: with this pattern, the checks of this policy would take longer than one template may", check.Violation(large));
        Assert.Equal("fieldValidation (n): text does not match (a?){500}b{500}$", check.Violation(small));
        Assert.InRange(small.Budget.Spent, 1, 100_000);
    }

    [Theory]
    [InlineData("cel", null, "object.map[object.secret] == 1")]
    [InlineData("cel", null, "int(object.secret) == 1")]
    [InlineData("cel", null, "quantity(object.secret) == quantity('1')")]
    [InlineData("cel", null, "url(object.secret) == url('http://a')")]
    [InlineData("cel", null, "timestamp(object.secret) > timestamp('2026-01-01T00:00:00Z')")]
    [InlineData("cel", null, "duration(object.secret) > duration('1s')")]
    [InlineData("cel", null, "timestamp('2026-01-01T00:00:00Z').getHours(object.secret) == 1")]
    [InlineData("cel", null, "ip(object.secret) == ip('1.1.1.1')")]
    [InlineData("cel", null, "semver(object.secret) == semver('1.0.0')")]
    [InlineData("cel", null, "'a'.matches(object.secret + '(')")]
    [InlineData("cel", null, "{object.secret: 1, object.secret: 2} == {}")]
    [InlineData("cel", null, "object.items[object.number] == 1")]
    [InlineData("cel", null, "'abc'.substring(object.number) == ''")]
    [InlineData("cel", "secret", "value == 'x'")]
    [InlineData("regex", "secret", "^x$")]
    [InlineData("range", "secret", null)]
    [InlineData("range", "number", null)]
    [InlineData("forbidden", "secret", null)]
    [InlineData("required", "secret.below", null)]
    public void S9_no_message_repeats_a_value_of_the_object(string type, string? path, string? rule)
    {
        var check = FieldCheck.Compile(new() { Name = "n", Type = type, FieldPath = path, Cel = rule, Regex = rule, Max = 5 });
        var violation = check.Violation(new(JsonDocument.Parse("""{"secret":"hunter2","number":87654321,"items":[1],"map":{}}""").RootElement));

        TestContext.Current.TestOutputHelper!.WriteLine(violation!);
        Assert.DoesNotContain("hunter2", violation, StringComparison.Ordinal);
        Assert.DoesNotContain("87654321", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_may_be_deep_and_no_deeper_than_an_object_can_be()
    {
        var deep = string.Join('.', Enumerable.Repeat("a", 100));

        Assert.Equal($"fieldValidation (n): {deep} is required", FieldCheck.Compile(new() { Name = "n", Type = "required", FieldPath = deep }).Violation(Input()));
        Assert.Equal("fieldPath: more than 100 names and brackets", Assert.Throws<CheckFault>(() => FieldCheck.Compile(new() { Name = "n", Type = "required", FieldPath = $"{deep}[*]" })).Message);
        Assert.Throws<CheckFault>(() => FieldCheck.Compile(new() { Name = "n", Type = "required", FieldPath = string.Join('.', Enumerable.Repeat("a", 1_000_000)) }));
    }

    [Theory]
    [InlineData("caf\\u00e9 \\\"x\\\"", "^café \"x\"$")]
    [InlineData("café", "^caf.$")]
    [InlineData("", "^$")]
    [InlineData("\\\\d", @"^\\d$")]
    public void A_text_is_searched_as_it_means_and_not_as_it_is_written(string written, string pattern) =>
        Assert.Null(FieldCheck.Compile(new() { Name = "n", Type = "regex", FieldPath = "a", Regex = pattern }).Violation(new(JsonDocument.Parse($"{{\"a\":\"{written}\"}}").RootElement)));

    [Fact]
    public void Judging_allocates_nothing_for_each_item_that_passes()
    {
        var items = string.Join(',', Enumerable.Repeat("""{"image":"reg/a:1","port":80}""", 1000));
        var json = JsonDocument.Parse($"{{\"containers\":[{items}]}}").RootElement;
        FieldCheck[] checks =
        [
            FieldCheck.Compile(new() { Name = "r", Type = "regex", FieldPath = "containers[*].image", Regex = "^reg/[a-z]+:[0-9]+$" }),
            FieldCheck.Compile(new() { Name = "p", Type = "range", FieldPath = "containers[*].port", Min = 1, Max = 1024 }),
            FieldCheck.Compile(new() { Name = "f", Type = "forbidden", FieldPath = "containers[*].securityContext.privileged" }),
            FieldCheck.Compile(new() { Name = "q", Type = "required", FieldPath = "containers[*].image" }),
        ];
        foreach (var check in checks)
        {
            check.Violation(new(json));
            var allocated = Allocated.By(() => Assert.Null(check.Violation(new(json))));
            TestContext.Current.TestOutputHelper!.WriteLine($"{check.GetType().Name}: {allocated} bytes for 1000 items");
            Assert.InRange(allocated, 0, 2000);
        }
    }

    [Fact]
    public async Task One_check_may_judge_on_many_threads_at_once()
    {
        var checks = new[]
        {
            FieldCheck.Compile(new() { Name = "r", Type = "regex", FieldPath = "metadata.name", Regex = "^(prod|dev)-[a-z]*b$" }),
            FieldCheck.Compile(new() { Name = "c", Type = "cel", Cel = "object.spec.containers.all(c, c.name.size() == 1)" }),
        };

        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), TestContext.Current.CancellationToken, (_, _) =>
        {
            Assert.All(checks, check => Assert.Null(check.Violation(Input())));
            return ValueTask.CompletedTask;
        });
    }

    private static void Judge(FieldValidation check, string? fault) =>
        Assert.Equal(fault is null ? null : $"fieldValidation (n): {fault}", FieldCheck.Compile(check with { Name = "n" }).Violation(Input()));

    private static CheckInput Input() => new(JsonDocument.Parse(Object).RootElement) { Params = CelValue.Of(JsonDocument.Parse("""{"limit":7}""").RootElement) };
}
