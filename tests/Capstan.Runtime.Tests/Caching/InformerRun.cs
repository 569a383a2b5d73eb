using System.Threading.Channels;
using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>An informer of config maps at a scripted server.</summary>
internal sealed class InformerRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<CacheChange> _told = Channel.CreateUnbounded<CacheChange>();
    private Task _run = Task.CompletedTask;

    public InformerRun(InformerOptions? options = null, ManualTime? time = null)
    {
        Client = Server.Connect(time);
        Informer = new Informer(Client, ConfigMap.Resource, (options ?? new()) with { StreamingList = false });
        Informer.AddHandler(c => _told.Writer.TryWrite(c));
    }

    public ScriptedApiServer Server { get; } = new();

    public KubeClient Client { get; }

    public Informer Informer { get; }

    public ObjectCache<ConfigMap> Cache => Informer.CacheOf<ConfigMap>();

    public static ObjectKey Key(string name) => new("default", name);

    /// <summary>Starts with a list and gives the watch after it, with its head sent.</summary>
    public async Task<ScriptedRequest> StartAsync(int version, params string[] items)
    {
        Run();
        await (await Server.NextAsync()).AnswerAsync(WireText.List(version, items));
        var watch = await Server.NextAsync();
        await watch.BeginAsync();
        return watch;
    }

    /// <summary>Has the informer hold the objects of these names, of one letter each.</summary>
    public void Hold(string names) => Informer.Hold(value => names.Contains(value.Key.Name, StringComparison.Ordinal));

    public void Run() => _run = Informer.RunAsync(_end.Token);

    /// <summary>What a handler is told next, as text: kind, name, old and new version, and marks.</summary>
    public async Task<string> ToldAsync()
    {
        var change = await _told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(ScriptedApiServer.Patience);
        var text = $"{change.Kind} {change.Key.Name} {change.Old?.ResourceVersion}>{change.New?.ResourceVersion}{(change.IsInInitialList ? " initial" : "")}{(change.IsStale ? " stale" : "")}";
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_run);
        Client.Dispose();
        await Server.DisposeAsync();
        _end.Dispose();
    }
}
