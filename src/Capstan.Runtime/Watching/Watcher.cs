using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Capstan.Client;

namespace Capstan.Watching;

/// <summary>Follows a collection for ever: lists it, watches it, resumes where a watch ended, lists again when the server forgot where that was.</summary>
/// <remarks>
/// <para>Guarantees: the first event but for <see cref="WatchEventKind.Interrupted"/> is <see cref="WatchEventKind.Restarted"/>. Applying the events in order
/// to an empty collection, with each Restarted replacing it whole, gives the server's collection as of the event's version. No change
/// of the kept state is skipped: a gap is followed by a Restarted.</para>
/// <para>Assumptions: one consumer at a time. A consumer that is slow holds the connection back; the server then ends the watch, and it is resumed.</para>
/// <para>Steps:</para>
/// <code>
/// List ──► Watch ──► (end) Watch ──► ... (410) List      a server without streaming lists
/// Stream ─► the same connection goes on as Watch          a server with them; falls back to List if refused, silent or cut twice
/// </code>
/// Every list asks for the most recent state: version 0 may show the past after a restart, and a deleted object with it. A list that is older than what is known
/// already is asked for again, and believed only if the server insists: then it was restored from a backup.
/// </remarks>
public sealed class Watcher
{
    private const int StaleListsBelieved = 3;
    private const int StreamsTried = 2;

    private readonly KubeClient _client;
    private readonly ResourceType _type;
    private readonly WatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ObjectDecoder _decoder;
    private readonly ListRequests _lists;

    // Apart: a watch that brought changes before it was cut is no failure that goes on, but one that is sent back to the list each time is.
    private readonly WatchBackoff _cuts, _relists;

    private Step _step;
    private bool _mayStream;
    private string _version = "";
    private WatchStream? _stream;
    private Dictionary<ObjectKey, DynamicObject> _initial = [];
    private bool _isInitial;
    private TimeSpan _wait;
    private bool _interrupted;
    private int _staleLists, _cutStreams;

    /// <summary>A watcher of the objects of <paramref name="type"/> that <paramref name="options"/> select.</summary>
    public Watcher(KubeClient client, ResourceType type, WatcherOptions? options = null)
    {
        _client = client;
        _type = type;
        _options = options ?? new WatcherOptions();
        _time = client.Options.TimeProvider;
        _random = client.Options.Random;
        _decoder = _options.Decoder ?? new ObjectDecoder(type, _options.WithoutManagedFields, _options.MetadataOnly);
        _lists = new ListRequests(client, type, _options);
        (_cuts, _relists) = (new(_options, _time, _random), new(_options, _time, _random));
        _mayStream = _options.StreamingList;
        _step = FirstStep;
    }

    private enum Step
    {
        /// <summary>Nothing is known: list in pages.</summary>
        List,

        /// <summary>Nothing is known: ask for the first state as events, gathered in <see cref="_initial"/> until their end mark.</summary>
        Stream,

        /// <summary>All up to <see cref="_version"/> is known and told.</summary>
        Watch,
    }

    // What lies between may not let an answer live as long as a large first state takes; pages are short.
    private Step FirstStep => _mayStream && _cutStreams < StreamsTried ? Step.Stream : Step.List;

    private string Description => $"WATCH {_type.GroupResource}{(string.IsNullOrEmpty(_options.Namespace) ? "" : $" in {_options.Namespace}")}";

    /// <summary>Runs until cancelled; never ends by itself and never throws but <see cref="OperationCanceledException"/>.</summary>
    public async IAsyncEnumerable<WatchEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                yield return await NextAsync(cancellationToken);
            }
        }
        finally
        {
            Close();
        }
    }

    private async ValueTask<WatchEvent> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_wait > TimeSpan.Zero)
            {
                await Task.Delay(_wait, _time, cancellationToken);
                _wait = TimeSpan.Zero;
            }

            try
            {
                var told = _step == Step.List ? await ListAsync(cancellationToken) : await WatchAsync(cancellationToken);
                if (told is { } happened)
                {
                    return happened;
                }
            }
            catch (Exception error)
            {
                // A cancelled request may end with any error.
                Close();
                cancellationToken.ThrowIfCancellationRequested();
                if (Recover(error) is { } interrupted)
                {
                    return interrupted;
                }
            }
        }
    }

    private async Task<WatchEvent?> ListAsync(CancellationToken cancellationToken)
    {
        _options.ListBegins?.Invoke();
        var version = await _lists.RunAsync(BeginInitial, item => Gather(WatchEvent.Applied(_decoder.Read(item))), cancellationToken);
        return Restart(version);
    }

    private void BeginInitial()
    {
        _isInitial = true;
        _initial = [];
        _options.Listed?.Invoke(null);
    }

    private void Gather(in WatchEvent told)
    {
        if (_options.Listed is { } listed)
        {
            listed(told);
        }
        else if (told.Kind == WatchEventKind.Applied && _options.Keeps?.Invoke(told.Object!) != false)
        {
            _initial[told.Object!.Key] = told.Object;
        }
        else
        {
            // A change while the first state is being told; the object may be among it. Or it is not one to keep.
            _initial.Remove(told.Object!.Key);
        }
    }

    /// <exception cref="WatchException">The state is older than what is known.</exception>
    private WatchEvent Restart(string version)
    {
        if (ResourceVersions.Compare(version, _version) < 0 && ++_staleLists < StaleListsBelieved)
        {
            throw new WatchException($"{Description}: the server's list is of version {version}, and {_version} was seen already");
        }

        var objects = _initial.Values.ToArray();
        _version = version;
        _isInitial = false;
        _initial = [];
        _interrupted = false;
        _staleLists = _cutStreams = 0;
        _step = Step.Watch;
        _stream?.Answer.BePatient();
        return WatchEvent.Restarted(objects, version);
    }

    /// <summary>Reads one line of the watch, opening it first if need be. Null: nothing to tell.</summary>
    private async ValueTask<WatchEvent?> WatchAsync(CancellationToken cancellationToken)
    {
        if (_stream is null)
        {
            _stream = await OpenAsync(cancellationToken);
            if (_interrupted && _step == Step.Watch)
            {
                // Tells that the trouble is over: on a quiet kind the next event may be minutes away.
                _interrupted = false;
                return WatchEvent.Resumed(_version);
            }
        }

        if (await _stream.ReadLineAsync(cancellationToken))
        {
            return Take(WatchFrame.Read(_stream.Line, _decoder));
        }

        var (lasted, lines) = (_time.GetElapsedTime(_stream.Answer.OpenedAt), _stream.Lines);
        Close();
        if (_step == Step.Stream)
        {
            // The end came before the end mark: what was gathered is part of a state only.
            throw new WatchException($"{Description}: the watch ended before the initial events did");
        }

        // The ordinary end of a watch. One that ends at once and says nothing would be asked for without pause.
        if (lasted < TimeSpan.FromSeconds(1) && lines == 0)
        {
            _wait = _cuts.Next();
        }

        return null;
    }

    private WatchEvent? Take(in WatchFrame frame)
    {
        switch (frame.Type)
        {
            case WatchFrameType.Added or WatchFrameType.Modified when _isInitial:
                Gather(WatchEvent.Applied(frame.Object!));
                return null;
            case WatchFrameType.Deleted when _isInitial:
                Gather(WatchEvent.Deleted(frame.Object!));
                return null;
            case WatchFrameType.Bookmark when _isInitial:
                return frame.EndsInitialEvents ? Restart(frame.ResourceVersion) : null;
            case WatchFrameType.Added or WatchFrameType.Modified:
                Progress(frame.ResourceVersion);
                return WatchEvent.Applied(frame.Object!);
            case WatchFrameType.Deleted:
                // Its version is that of the deletion, newer than the object's last.
                Progress(frame.ResourceVersion);
                return WatchEvent.Deleted(frame.Object!);
            case WatchFrameType.Bookmark:
                Progress(frame.ResourceVersion);
                return WatchEvent.Bookmark(_version);
            case WatchFrameType.Error:
                throw new ApiException(frame.Status!, Description);
            default:
                throw new WatchException($"{Description}: unknown type of event");
        }
    }

    private async Task<WatchStream> OpenAsync(CancellationToken cancellationToken)
    {
        TimeSpan timeout;
        lock (_random)
        {
            timeout = _options.WatchTimeout * (1 + _random.NextDouble());
        }

        var query = new QueryText().Add("watch", "true").Add("allowWatchBookmarks", "true")
            .Add("timeoutSeconds", Math.Ceiling(timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture))
            .Add("labelSelector", _options.LabelSelector).Add("fieldSelector", _options.FieldSelector);
        if (_step == Step.Stream)
        {
            _options.ListBegins?.Invoke();
            BeginInitial();
            query.Add("sendInitialEvents", "true").Add("resourceVersionMatch", "NotOlderThan");
        }
        else
        {
            query.Add("resourceVersion", _version);
        }

        var patience = _step == Step.Stream ? _options.StreamingListPatience : timeout + _options.WatchTimeoutMargin;
        var answer = await AnswerStream.OpenAsync(
            _client, _type.CollectionPath(_options.Namespace) + query, _options.MetadataOnly ? MediaTypes.Metadata : null, Description,
            timeout + _options.WatchTimeoutMargin, patience, cancellationToken);
        answer.Patience = _step == Step.Stream ? patience : null;
        return new(answer);
    }

    /// <summary>Decides where to go on after a failure. Null: go on at once, nobody needs to know.</summary>
    private WatchEvent? Recover(Exception error)
    {
        var wasStreaming = _step == Step.Stream;
        var backoff = _cuts;
        _isInitial = false;
        _initial = [];
        switch (error)
        {
            case ApiException { IsExpired: true } or ApiException { IsTooLargeResourceVersion: true }:
                _step = FirstStep;
                if (_relists.IsFresh)
                {
                    // Routine after a long pause of this process or a compaction; a second one soon after waits.
                    _relists.Next();
                    return null;
                }

                backoff = _relists;
                break;
            case ApiException { IsInvalid: true } or ApiException { IsBadRequest: true } when wasStreaming:
            case WatchSilenceException when wasStreaming:
                _mayStream = false;
                _step = Step.List;
                return null;
            case JsonException:
                // An event that cannot be read may have been any: only a list tells what is so.
                _step = FirstStep;
                break;
        }

        if (wasStreaming && error is not ApiException)
        {
            _cutStreams++;
            _step = FirstStep;
        }

        _wait = backoff.Next();
        if (error is ApiException { RetryAfter: { } asked } && asked > _wait)
        {
            _wait = asked < _client.Options.MaxRetryAfter ? asked : _client.Options.MaxRetryAfter;
        }

        _interrupted = true;
        return WatchEvent.Interrupted(error, _wait);
    }

    private void Progress(string version)
    {
        _version = version;
        _cuts.Reset();
    }

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
