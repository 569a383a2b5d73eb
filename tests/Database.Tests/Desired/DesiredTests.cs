using System.Text.Json.Nodes;
using Capstan;
using Databases.Desired;
using Databases.Desired.Pods;
using Databases.Reconciling;

namespace Databases.Tests.Desired;

public class DesiredTests
{
    [Fact]
    public void Connection_texts_take_any_character()
    {
        var database = Given.Database();
        (database.Spec.Username, database.Spec.DatabaseName) = ("o'neil:x\\y", "a/b@c?d");

        var texts = ConnectionTexts.Of(database, "p:w\\").ToDictionary(one => one.Key, one => one.Value);

        Assert.Equal("postgresql://o%27neil%3Ax%5Cy:p%3Aw%5C@shop.default.svc.cluster.local:5432/a%2Fb%40c%3Fd", texts["uri"]);
        Assert.Equal("shop.default.svc.cluster.local:5432:a/b@c?d:o'neil\\:x\\\\y:p\\:w\\\\\n", texts["pgpass"]);
        Assert.StartsWith("jdbc:postgresql://shop.default.svc.cluster.local:5432/a%2Fb%40c%3Fd?user=o%27neil", texts["jdbc-uri"], StringComparison.Ordinal);
    }

    [Fact]
    public void No_word_of_a_Database_is_in_the_text_of_a_script()
    {
        var (plain, hostile) = (Given.Stored(), Given.Stored());
        (hostile.Spec.Username, hostile.Spec.DatabaseName) = ("$(id)", "`id`; \"'$(x)");

        Assert.Equal(Commands(plain), Commands(hostile));
        Assert.Contains("`id`; \"'$$(x)", PostgresPod.Of(hostile, "postgres:14").ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);

        static List<string> Commands(Databases.Resources.Database database) =>
            [.. ((string[])["initContainers", "containers"]).Select(kind => PostgresPod.Of(database, "postgres:14")[kind]![0]!["command"]!.ToJsonString())];
    }

    [Theory]
    [InlineData("postgres:14", 999)]
    [InlineData("postgres:14-alpine", 70)]
    public void Pods_run_as_the_owner_of_the_files_without_any_right(string image, int user)
    {
        var pod = PostgresPod.Of(Given.Stored(), image);

        Assert.Equal(user, (int)pod["securityContext"]!["runAsUser"]!);
        Assert.Equal(user, (int)pod["securityContext"]!["fsGroup"]!);
        Assert.All(((JsonArray)pod["containers"]!).Concat((JsonArray)pod["initContainers"]!), container =>
        {
            Assert.True((bool)container!["securityContext"]!["readOnlyRootFilesystem"]!);
            Assert.Equal("ALL", (string?)container["securityContext"]!["capabilities"]!["drop"]![0]);
        });
    }

    [Fact]
    public void Room_class_processor_and_memory_are_asked_for_as_they_are_wanted()
    {
        var database = Given.Stored();
        (database.Spec.Storage.Size, database.Spec.Storage.StorageClass) = ("3Gi", "fast");
        database.Spec.Resources = new() { Requests = new() { ["cpu"] = Quantity.Parse("250m") }, Limits = new() { ["memory"] = Quantity.Parse("1Gi") } };

        var spec = Servers.Of(database, 3, "postgres:14").Manifest["spec"]!;

        Assert.Equal(3, (int)spec["replicas"]!);
        var claim = spec["volumeClaimTemplates"]![0]!["spec"]!;
        Assert.Equal(("3Gi", "fast"), ((string?)claim["resources"]!["requests"]!["storage"], (string?)claim["storageClassName"]));
        Assert.Equal("""{"limits":{"memory":"1Gi"},"requests":{"cpu":"250m"}}""", spec["template"]!["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
    }

    [Fact]
    public void A_server_has_an_hour_to_start_and_gets_clients_once_it_takes_connections()
    {
        var server = PostgresPod.Of(Given.Stored(), "postgres:14")["containers"]![0]!;

        Assert.Equal(3600, (int)server["startupProbe"]!["periodSeconds"]! * (int)server["startupProbe"]!["failureThreshold"]!);
        Assert.Equal(Command("startupProbe"), Command("livenessProbe"));
        Assert.NotEqual(Command("startupProbe"), Command("readinessProbe"));

        string Command(string probe) => server[probe]!["exec"]!["command"]!.ToJsonString();
    }

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, true)]
    public void Defect13_what_a_StatefulSet_said_before_it_was_changed_is_not_believed(int generation, int observed, bool isComplete)
    {
        var set = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "StatefulSet",
            ["metadata"] = new JsonObject { ["name"] = "shop", ["namespace"] = "default", ["generation"] = generation },
            ["spec"] = new JsonObject { ["replicas"] = 1 },
            ["status"] = new JsonObject { ["observedGeneration"] = observed, ["readyReplicas"] = 1, ["updatedReplicas"] = 1 },
        };

        Assert.Equal(isComplete, StatefulSetState.Of(DynamicObject.From(set)).IsComplete);
    }

    [Fact]
    public void An_object_agrees_when_every_wanted_field_does_whatever_else_it_has()
    {
        var child = Servers.Of(Given.Stored(), 1, "postgres:14");
        var live = child.Manifest.DeepClone().AsObject();
        live["status"] = new JsonObject { ["replicas"] = 1 };
        live["spec"]!["template"]!["spec"]!["containers"]![0]!["terminationMessagePath"] = "/dev/termination-log";
        Assert.True(Agreement.Holds(DynamicObject.From(live), child.Manifest));

        live["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "nginx";
        Assert.False(Agreement.Holds(DynamicObject.From(live), child.Manifest));
    }

    [Fact]
    public void A_field_that_is_no_longer_wanted_is_seen_by_the_hash()
    {
        var database = Given.Stored();
        database.Spec.Resources = new() { Limits = new() { ["memory"] = Quantity.Parse("1Gi") } };
        var live = Servers.Of(database, 1, "postgres:14").Manifest;
        database.Spec.Resources = null;

        Assert.False(Agreement.Holds(DynamicObject.From(live), Servers.Of(database, 1, "postgres:14").Manifest));
    }

    [Theory]
    [InlineData("720h", 720 * 60)]
    [InlineData("1h30m", 90)]
    [InlineData("0h", null)]
    [InlineData("-1h", null)]
    [InlineData("", null)]
    [InlineData("99999999999999999999h", 36500 * 24 * 60)]
    public void Ages_are_read_as_people_write_them(string text, int? minutes) => Assert.Equal(minutes, (int?)Age.Parse(text)?.TotalMinutes);

    [Fact]
    public void A_password_is_replaced_when_it_is_too_old_and_not_before()
    {
        var time = new Capstan.Runtime.Tests.ManualTime();
        var rotation = new PasswordRotation(time);
        var database = Given.Stored();
        database.Spec.PasswordMaxAge = "1h";
        var first = rotation.Next(database, null);

        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(first, rotation.Next(database, first));
        time.Advance(TimeSpan.FromMinutes(2));
        var second = rotation.Next(database, first);

        Assert.NotEqual(first.Password, second.Password);
        Assert.Equal(second, rotation.Next(database, second));
    }

    [Theory]
    [InlineData("shop-0", 0)]
    [InlineData("shop-10", 10)]
    [InlineData("shop-01", null)]
    [InlineData("shop-", null)]
    [InlineData("shop-x", null)]
    [InlineData("other-0", null)]
    public void Pods_are_known_by_their_ordinal(string pod, int? ordinal) => Assert.Equal(ordinal, ChildNames.OrdinalOf(Given.Stored(), pod));
}
