using Capstan.ApiServer.Storage;
using Capstan.ApiServer.Storage.Durable;
using Microsoft.Extensions.Logging;

namespace Capstan.ApiServer.Tests.Storage.Durable;

/// <summary>A store in a directory of its own, which can be closed, opened again, and read as a text.</summary>
internal sealed class DiskStore : IAsyncDisposable, ILogger
{
    public static readonly GroupResource ConfigMaps = new("", "configmaps");

    private DataDirectory _data = null!;

    public DiskStore(string? path = null)
    {
        Path = path ?? Directory.CreateTempSubdirectory("capstan-data-").FullName;
        Open();
    }

    public string Path { get; }

    public Store Store { get; private set; } = null!;

    /// <summary>What was logged.</summary>
    public List<string> Told { get; } = [];

    /// <summary>The one log file, where there is one.</summary>
    public string LogFile => Directory.GetFiles(Path, "log-*").Single();

    /// <summary>Every object with its revision, and the last revision: equal texts, equal stores.</summary>
    public string State => string.Join('\n', Store.ReadCommitted(ConfigMaps).Objects.From(default).Select(o => $"{o} {System.Text.Encoding.UTF8.GetString(o.Json.Span)}").Append($"{Store.Revision}"));

    public void Open()
    {
        _data = DataDirectory.Open(Path);
        try
        {
            Store = DurableStore.Open(_data, 1000, this);
        }
        catch
        {
            _data.Dispose();
            throw;
        }
    }

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Open();
    }

    /// <summary>What each write to a file does before; null: nothing.</summary>
    public void Fail(Action<int>? fault) => _data.OnWrite = fault;

    public async Task PutAsync(string name, string value)
    {
        var mark = Store.Mark;
        Put(name, value);
        await Store.CommittedAsync(mark);
    }

    public StoredObject Put(string name, string value)
    {
        var key = new ObjectKey("n", name);
        return Store.TryPut(ConfigMaps, Objects.Encoded(key, value), Store.Find(ConfigMaps, key))!;
    }

    public async Task RemoveAsync(string name)
    {
        var mark = Store.Mark;
        Store.TryRemove(ConfigMaps, Store.Find(ConfigMaps, new ObjectKey("n", name))!);
        await Store.CommittedAsync(mark);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Told)
        {
            Told.Add(formatter(state, exception));
        }
    }
}
