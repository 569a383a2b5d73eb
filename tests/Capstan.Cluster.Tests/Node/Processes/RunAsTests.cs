using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Images;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Tests.Node.Processes;

/// <summary>Whom containers run as. What needs root is skipped without.</summary>
public sealed class RunAsTests : IDisposable
{
    private readonly ShellNode _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Without_root_what_is_asked_for_is_told_not_to_be_honoured()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "the tests run as root");
        var pod = new PodSpec { SecurityContext = new() { RunAsUser = 1000, FsGroup = 3000 } };
        Assert.Equal($"runAsUser 1000, fsGroup 3000 not honoured: the node does not run as root, and programs run as {Environment.UserName}", RunAs.Of(pod, new(), new()).Refused);
        Assert.Equal(new(User: null), RunAs.Of(new(), new(), new()));
    }

    [Fact]
    public void The_containers_own_numbers_come_before_the_pods()
    {
        SkipWithoutRoot();
        var pod = new PodSpec { SecurityContext = new() { RunAsUser = 4000, RunAsGroup = 4001, FsGroup = 4002, SupplementalGroups = [4003] } };
        var own = RunAs.Of(pod, new() { SecurityContext = new() { RunAsUser = 5000, RunAsGroup = 5001 } }, new());
        Assert.Equal((5000u, 5001u, "4003 4002"), (own.User!.Id, own.User.Group, string.Join(' ', own.User.Groups)));
        var pods = RunAs.Of(pod, new(), new());
        Assert.Equal((4000u, 4001u), (pods.User!.Id, pods.User.Group));
        Assert.Equal(new(User: null), RunAs.Of(new(), new(), new()));
        Assert.Equal("runAsUser -1 not honoured: there are no such numbers", RunAs.Of(new() { SecurityContext = new() { RunAsUser = -1 } }, new(), new()).Refused);
    }

    [Fact]
    public void Numbers_of_an_images_own_user_are_that_user_on_this_machine()
    {
        SkipWithoutRoot();
        var image = new KnownImage { Image = "tool", User = "nobody", UserIds = [999, 70] };
        var nobody = UserAccount.Find("nobody")!;
        foreach (var number in (long?[])[null, 0, 70, 999])
        {
            var found = RunAs.Of(new() { SecurityContext = new() { RunAsUser = number } }, new(), image);
            Assert.Equal((nobody.Id, null), (found.User!.Id, found.Refused));
        }

        var other = RunAs.Of(new() { SecurityContext = new() { RunAsUser = 1234 } }, new(), image);
        Assert.Equal((nobody.Id, "runAsUser 1234 not honoured: image tool runs as user nobody of this machine"), (other.User!.Id, other.Refused));
    }

    [Fact]
    public async Task Programs_run_as_the_user_and_groups_that_are_asked_for_and_may_write_into_their_volumes()
    {
        SkipWithoutRoot();
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: shop}, stringData: {password: word}}");
        await node.RunAsync(
            "plain",
            """
            {terminationGracePeriodSeconds: 1, securityContext: {runAsUser: 4242, runAsGroup: 4343, fsGroup: 4444}, containers: [
              {name: main, image: shell, volumeMounts: [{name: work, mountPath: /work}, {name: login, mountPath: /login}]},
              {name: other, image: shell, securityContext: {runAsUser: 4545}, volumeMounts: [{name: work, mountPath: /work}, {name: login, mountPath: /login}]}],
             volumes: [{name: work, emptyDir: {}}, {name: login, secret: {secretName: login, defaultMode: 256}}]}
            """);
        await node.SeeReadyAsync("plain");
        Assert.Equal("4242 4343 4343 4444\n", await ShellNode.DoAsync(node, "plain", "echo $(id -u) $(id -g) $(id -G)"));
        Assert.Equal("4545 4343 4444\n", await ShellNode.DoAsync(node, "plain", "echo one > /work/one; cat /login/password >/dev/null; echo $(id -u) $(stat -c '%g' /work/one | sed 's/^/4343 /')", "other"));
        Assert.Equal("one\n", await ShellNode.DoAsync(node, "plain", "cat /work/one"));
        Assert.Equal("word", await ShellNode.DoAsync(node, "plain", "echo two > /work/two; cat /login/password"));
    }

    [Fact]
    public async Task An_image_with_a_user_keeps_it_and_an_event_says_what_is_not_honoured()
    {
        SkipWithoutRoot();
        var images = _shell.Place("images.json");
        File.WriteAllText(images, """{"images": [{"image": "shell", "user": "nobody", "command": ["/bin/sh", "-c", "exec sleep 1000"]}]}""");
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        await node.RunAsync("owned", "{terminationGracePeriodSeconds: 1, securityContext: {runAsUser: 4242}, containers: [{name: main, image: shell}]}");
        await node.SeeReadyAsync("owned");
        Assert.Equal("nobody\n", await ShellNode.DoAsync(node, "owned", "id -un"));
        Assert.Equal("runAsUser 4242 not honoured: image shell runs as user nobody of this machine", (string?)(await node.SeeEventAsync("owned", "SecurityContextNotHonoured"))["message"]);
    }

    [Fact]
    public async Task What_must_not_run_as_root_is_not_started_as_root()
    {
        SkipWithoutRoot();
        await using var node = await NodeFixture.StartAsync(_shell.Options);
        const string Image = "container has runAsNonRoot and image will run as root", User = "container's runAsUser breaks non-root policy";
        foreach (var (name, image, pod, own, why) in ((string, string, string, string, string?)[])
        [
            ("image", "shell", "{runAsNonRoot: true}", "{}", Image),
            ("steps-down", "\"postgres:15\"", "{runAsNonRoot: true}", "{}", Image),
            ("zero", "shell", "{runAsNonRoot: true, runAsUser: 0}", "{}", User),
            ("own-zero", "\"nobody:knows\"", "{runAsNonRoot: true, runAsUser: 1000}", "{runAsUser: 0}", User),
            ("own-rule", "shell", "{runAsNonRoot: false}", "{runAsNonRoot: true}", Image),
            ("may", "shell", "{runAsNonRoot: true}", "{runAsNonRoot: false}", null),
            ("user", "shell", "{runAsNonRoot: true, runAsUser: 0}", "{runAsUser: 4242}", null),
            ("unknown", "\"nobody:knows\"", "{runAsNonRoot: true}", "{}", null),
        ])
        {
            await node.RunAsync(name, $"{{terminationGracePeriodSeconds: 1, securityContext: {pod}, containers: [{{name: main, image: {image}, securityContext: {own}}}]}}");
            if (why is null)
            {
                await node.SeeReadyAsync(name);
                continue;
            }

            var seen = await node.SeeAsync(name, "to wait", found => (string?)found["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] == "CreateContainerConfigError");
            var message = $"{why} (pod: \"{name}_shop({seen["metadata"]!["uid"]})\", container: main)";
            Assert.Equal(message, (string?)NodeFixture.Container(seen, "main")["state"]!["waiting"]!["message"]);
            Assert.Equal($"Error: {message}", (string?)(await node.SeeEventAsync(name, "Failed"))["message"]);
        }
    }

    [Fact]
    public async Task As_root_below_a_closed_directory_other_users_still_get_to_their_pods()
    {
        SkipWithoutRoot();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var closed = Directory.CreateDirectory(_shell.Place("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var link = Path.Combine(closed, "node");
        try
        {
            await using (var node = await NodeFixture.StartAsync(_shell.Options with { StateDirectory = link }))
            {
                await node.RunAsync("plain", "{terminationGracePeriodSeconds: 1, securityContext: {runAsUser: 4242}, containers: [{name: main, image: shell, volumeMounts: [{name: work, mountPath: /work}]}], volumes: [{name: work, emptyDir: {}}]}");
                await node.SeeReadyAsync("plain");
                Assert.Equal("4242\n", await ShellNode.DoAsync(node, "plain", "echo x > /work/x; cd /work; stat -c %u x"));
                Assert.StartsWith("/var/lib/capstan/node-", new DirectoryInfo(link).LinkTarget, StringComparison.Ordinal);

                // The next node finds the same place.
                var target = new DirectoryInfo(link).LinkTarget;
                await node.RestartNodeAsync(_shell.Options with { StateDirectory = link });
                Assert.Equal(target, new DirectoryInfo(link).LinkTarget);
                await node.SeeAsync("plain", "to run again", pod => NodeFixture.Condition(pod, "Ready") == "True" && (int)NodeFixture.Container(pod, "main")["restartCount"]! == 1);
                Assert.Equal("x\n", await ShellNode.DoAsync(node, "plain", "cat /work/x"));
            }
        }
        finally
        {
            if (new DirectoryInfo(link).LinkTarget is { } target)
            {
                Directory.Delete(target, recursive: true);
            }
        }
    }

    private static void SkipWithoutRoot() => Assert.SkipWhen(!Environment.IsPrivilegedProcess, "only root may run programs as others");
}
