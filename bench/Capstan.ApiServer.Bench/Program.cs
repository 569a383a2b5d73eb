using System.Globalization;
using Capstan.ApiServer.Bench;

// [writes|lists|watches|memory|start] [--objects N] [--seconds N] [--data-parent DIR]: one part, or all.
// --start-once is what "start" runs as a process of its own.
if (args is ["--start-once"])
{
    await StartUp.OnceAsync();
    return;
}

int Option(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
var objects = Option("--objects", 100_000);
var seconds = Option("--seconds", 5);
var parent = Array.IndexOf(args, "--data-parent") is >= 0 and var given && given + 1 < args.Length ? args[given + 1] : Path.GetTempPath();
bool Wanted(string part) => args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || args[0] == part;

Report.Machine();
if (Wanted("start"))
{
    await StartUp.RunAsync();
}

if (Wanted("writes"))
{
    await WriteLoad.RunAsync(TimeSpan.FromSeconds(seconds), parent);
}

if (Wanted("memory") || Wanted("lists"))
{
    await ManyObjects.RunAsync(objects, memory: Wanted("memory"), lists: Wanted("lists"));
}

if (Wanted("watches"))
{
    await FanOut.RunAsync(watchers: 1000, TimeSpan.FromSeconds(seconds));
}
