using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Applying;

/// <summary>Tells people what happened to an object, in its Events.</summary>
/// <remarks>
/// <para>Guarantee: recording never waits and never throws; events are dropped when more wait than the queue holds, and when one object has had
/// 25 of them and then more than one in five minutes. Repetitions within six minutes become one Event with a count.</para>
/// <para>Thread-safe. Events are written while <see cref="RunAsync"/> runs, which is the operator's task.</para>
/// </remarks>
public sealed class EventRecorder
{
    private const int Capacity = 1000;
    private const int NoteBytes = 1024;
    private const int WordLength = 128;

    private readonly KubeClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _controller, _instance;
    private readonly EventSeriesBook _book;
    private readonly Channel<(EventIdentity Event, DateTimeOffset At)> _waiting =
        Channel.CreateBounded<(EventIdentity, DateTimeOffset)>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private int _dropping;

    internal EventRecorder(KubeClient client, string controller, string instance, TimeProvider time, ILogger logger)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _controller = Cut(controller, WordLength);
        _instance = Cut(instance, WordLength);
        _book = new(time);
    }

    /// <summary>Records that something went as it should.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="reason">Why, one CamelCase word of at most 128 characters.</param>
    /// <param name="action">What was being done, one CamelCase word of at most 128 characters.</param>
    /// <param name="note">Sentence for people; cut at 1 kB.</param>
    public void Normal(ObjectReference regarding, string reason, string action, string note) => Record(regarding, "Normal", reason, action, note);

    /// <summary>Records that something went wrong; as <see cref="Normal"/>.</summary>
    public void Warning(ObjectReference regarding, string reason, string action, string note) => Record(regarding, "Warning", reason, action, note);

    /// <summary>Writes what is recorded, until <paramref name="stop"/>; what waits then is still tried once.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stop))
            {
                await WriteWaitingAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await WriteWaitingAsync();
        }
    }

    private void Record(ObjectReference regarding, string type, string reason, string action, string note)
    {
        var identity = new EventIdentity(regarding with { ResourceVersion = null }, type, Cut(reason, WordLength), Cut(action, WordLength), Cut(note, NoteBytes));
        if (_waiting.Writer.TryWrite((identity, _time.GetUtcNow())))
        {
            Volatile.Write(ref _dropping, 0);
        }
        else if (Interlocked.Exchange(ref _dropping, 1) == 0)
        {
            // Once per jam: a line per event would be the next jam.
            Log.EventsDropped(_logger, Capacity);
        }
    }

    private async Task WriteWaitingAsync()
    {
        while (_waiting.Reader.TryRead(out var occurrence))
        {
            var record = _book.Record(occurrence.Event, occurrence.At);
            if (!_book.MayWrite(occurrence.Event.Regarding, occurrence.At))
            {
                continue;
            }

            try
            {
                await WriteAsync(occurrence.Event, record);
            }
            catch (Exception exception) when (exception is ApiException or HttpRequestException or TimeoutException or JsonException or InvalidOperationException)
            {
                // An event is a courtesy: its failure is nobody's.
                Log.EventNotWritten(_logger, occurrence.Event.Reason, $"{occurrence.Event.Regarding.Kind} {occurrence.Event.Regarding.Name}", exception);
            }
        }
    }

    private async Task WriteAsync(EventIdentity identity, EventRecord record)
    {
        if (record.Created)
        {
            try
            {
                await _client.PatchAsync(KubeEvent.Resource, record.Key, PatchType.Merge, SeriesPatch(record));
                return;
            }
            catch (ApiException exception) when (exception.IsNotFound)
            {
                // Events expire: the series goes on in a new object.
                record.Created = false;
            }
        }

        try
        {
            await _client.CreateAsync(ToEvent(identity, record));
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // An answer that never came: the server had taken it, with the count of then.
            await _client.PatchAsync(KubeEvent.Resource, record.Key, PatchType.Merge, SeriesPatch(record));
        }

        record.Created = true;
    }

    private static ReadOnlyMemory<byte> SeriesPatch(EventRecord record) => JsonBytes.Of(new JsonObject
    {
        ["series"] = new JsonObject { ["count"] = record.Count, ["lastObservedTime"] = KubeTime.FormatMicro(record.LastAt) },
    });

    private KubeEvent ToEvent(EventIdentity identity, EventRecord record) => new()
    {
        Metadata = new() { Name = record.Key.Name, Namespace = record.Key.Namespace },
        EventTime = record.FirstAt,
        Series = record.Count > 1 ? new() { Count = record.Count, LastObservedTime = record.LastAt } : null,
        ReportingController = _controller,
        ReportingInstance = _instance,
        Action = identity.Action,
        Reason = identity.Reason,
        Regarding = identity.Regarding,
        Note = identity.Note,
        Type = identity.Type,
    };

    /// <summary>At most so many bytes of UTF-8, without cutting a character in two.</summary>
    private static string Cut(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var length = 0;
        var room = bytes;
        foreach (var rune in text.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
