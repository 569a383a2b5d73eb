using Capstan.Tool.Load.Measuring;

namespace Capstan.Tool.Load.Work;

/// <summary>What a kind of load works with.</summary>
/// <param name="Client">The cluster.</param>
/// <param name="Options">What was asked for.</param>
/// <param name="Plan">The objects.</param>
/// <param name="Progress">Tells how far it is.</param>
/// <param name="Faults">What goes wrong.</param>
/// <param name="Result">What is measured.</param>
/// <param name="BeginMeasuringAsync">Called when what comes next is what the meters are to count.</param>
internal sealed record LoadScene(
    KubeClient Client, LoadOptions Options, TemplatePlan Plan, LoadProgress Progress, Faults Faults, LoadResult Result, Func<CancellationToken, Task> BeginMeasuringAsync)
{
    /// <summary>The clock.</summary>
    public TimeProvider Time => Client.Options.TimeProvider;

    /// <summary>Does a request; one that fails is counted among the faults.</summary>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> TryAsync(Func<Task> request, Durations? took = null)
    {
        var start = Time.GetTimestamp();
        try
        {
            await request();
            took?.Add(Time.GetElapsedTime(start));
            return true;
        }
        catch (ApiException refused)
        {
            Faults.Add(refused.Status.Message ?? refused.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or TimeoutException)
        {
            Faults.Add(fault.Message);
        }

        return false;
    }
}

/// <summary>What a load measures besides what the meters do. Filled by the load, in the order of the report.</summary>
internal sealed class LoadResult
{
    private readonly Lock _lock = new();
    private readonly List<(string What, Durations Took)> _durations = [];
    private readonly List<(string What, Func<double> Value)> _figures = [];

    /// <summary>How many things the operator did: what calls, processor time and memory are divided by.</summary>
    public long Done { get; set; }

    /// <summary>What one of them is.</summary>
    public string Unit { get; set; } = "template";

    /// <summary>How long that took.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Durations so far, by what took them.</summary>
    public IReadOnlyList<(string What, Durations Took)> Durations
    {
        get
        {
            lock (_lock)
            {
                return [.. _durations];
            }
        }
    }

    /// <summary>Further numbers.</summary>
    public IReadOnlyList<(string What, double Value)> Figures
    {
        get
        {
            lock (_lock)
            {
                return [.. _figures.Select(figure => (figure.What, figure.Value()))];
            }
        }
    }

    /// <summary>Adds durations to the report.</summary>
    public Durations Measure(string what) => Add(what, new Durations());

    /// <summary>Adds durations that are measured elsewhere.</summary>
    public Durations Add(string what, Durations took)
    {
        lock (_lock)
        {
            _durations.Add((what, took));
        }

        return took;
    }

    /// <summary>Adds a number.</summary>
    public void Tell(string what, Func<double> value)
    {
        lock (_lock)
        {
            _figures.Add((what, value));
        }
    }
}
