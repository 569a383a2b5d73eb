using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Capstan.Cel;

/// <summary>
/// Programs by environment and text, so that an expression is compiled once however often it is asked for, also by several threads at once. What
/// does not compile is remembered too. Bounded: of the expressions that were not asked for lately the oldest make room. Safe for threads.
/// </summary>
/// <remarks>
/// Environments are told apart by identity: make each once and keep it. An environment stays in memory as long as one of its expressions is here.
/// </remarks>
public sealed class CelProgramCache
{
    // What a program takes grows with its text, so a long one counts as several.
    private const int CharactersPerUnit = 1024;

    private readonly ConcurrentDictionary<(CelEnvironment Environment, string Text), Entry> _entries = new();
    private readonly Queue<Entry> _byAge = new();
    private readonly Lock _lock = new();
    private int _units;
    private long _hits;
    private long _misses;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">
    /// Most expressions that are kept. One of more than 1,024 characters takes the room of several, and is not kept at all when it would need all
    /// of it and more. Default 1,024.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is not above 0.</exception>
    public CelProgramCache(int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
    }

    /// <summary>Most expressions that are kept.</summary>
    public int Capacity { get; }

    /// <summary>Expressions that are kept, those that do not compile among them.</summary>
    public int Count => _entries.Count;

    /// <summary>How often an expression was there already, or was being compiled for somebody else.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>How often an expression had to be compiled.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>The program of an expression.</summary>
    /// <exception cref="CelCompileException">It does not compile; the message shows where. A new exception for each call.</exception>
    public CelProgram Get(CelEnvironment environment, string text) =>
        TryGet(environment, text, out var program, out var diagnostics) ? program : throw new CelCompileException(diagnostics);

    /// <summary>As <see cref="Get"/>, but says what is wrong instead of throwing.</summary>
    /// <param name="environment">What it is compiled in.</param>
    /// <param name="text">The expression.</param>
    /// <param name="program">The program; null when it does not compile.</param>
    /// <param name="diagnostics">What is wrong; without issues when it compiles.</param>
    public bool TryGet(CelEnvironment environment, string text, [NotNullWhen(true)] out CelProgram? program, out CelDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(text);
        if (_entries.TryGetValue((environment, text), out var entry))
        {
            Interlocked.Increment(ref _hits);
            entry.WasUsed = true;
        }
        else
        {
            entry = Add(environment, text);
        }

        // Outside of the lock: a slow expression holds up those who asked for it, and nobody else.
        (program, diagnostics) = entry.Result;
        return program is not null;
    }

    private Entry Add(CelEnvironment environment, string text)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue((environment, text), out var other))
            {
                Interlocked.Increment(ref _hits);
                return other;
            }

            Interlocked.Increment(ref _misses);
            var entry = new Entry(environment, text);
            if (entry.Units <= Capacity)
            {
                MakeRoom_NeedsLock(entry.Units);
                _units += entry.Units;
                _byAge.Enqueue(entry);
                _entries[(environment, text)] = entry;
            }

            return entry;
        }
    }

    // The second chance: who was asked for since the last look goes to the end, who was not leaves. No third one: other threads go on asking.
    private void MakeRoom_NeedsLock(int units)
    {
        var chances = _byAge.Count;
        while (_units + units > Capacity)
        {
            var oldest = _byAge.Dequeue();
            if (oldest.WasUsed && chances-- > 0)
            {
                oldest.WasUsed = false;
                _byAge.Enqueue(oldest);
                continue;
            }

            _units -= oldest.Units;
            _entries.TryRemove((oldest.Environment, oldest.Text), out _);
        }
    }

    private sealed class Entry(CelEnvironment environment, string text)
    {
        private readonly Lock _compiling = new();
        private Compiled? _result;
        private bool _wasUsed;

        public CelEnvironment Environment => environment;

        public string Text => text;

        public int Units => 1 + ((text.Length - 1) / CharactersPerUnit);

        /// <summary>What came of it; whoever asks first compiles. Should that throw, for want of memory or stack, the next one tries again.</summary>
        public Compiled Result
        {
            get
            {
                if (Volatile.Read(ref _result) is { } result)
                {
                    return result;
                }

                lock (_compiling)
                {
                    return _result ??= new(environment.TryCompile(text, out var program, out var diagnostics) ? program : null, diagnostics);
                }
            }
        }

        // Written only when it changes: an expression that all threads ask for stays in all their caches.
        public bool WasUsed
        {
            get => Volatile.Read(ref _wasUsed);
            set
            {
                if (Volatile.Read(ref _wasUsed) != value)
                {
                    Volatile.Write(ref _wasUsed, value);
                }
            }
        }
    }

    private sealed record Compiled(CelProgram? Program, CelDiagnostics Diagnostics);
}
