using System.Diagnostics.Metrics;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Hosting;

namespace Capstan;

/// <summary>Puts an operator together: informers first, then the controllers that use them, then <see cref="Build"/>.</summary>
/// <remarks>Nothing runs and nothing is sent before <see cref="Operator.RunAsync"/>. Not thread-safe.</remarks>
public sealed class OperatorBuilder
{
    private readonly OperatorOptions options;
    private readonly List<Informer> informers = [];
    private readonly List<ControllerBuilder> controllers = [];
    private readonly List<Func<CancellationToken, Task>> runnables = [];
    private readonly HealthChecks health = new("healthz");
    private readonly HealthChecks readiness = new("readyz");
    private readonly PrometheusPage? metricsPage;
    private bool built;

    /// <summary>Begins an operator.</summary>
    /// <param name="client">Reads and writes for it. The caller disposes it after the run.</param>
    /// <param name="options">How it runs; must not change from here on.</param>
    public OperatorBuilder(KubeClient client, OperatorOptions? options = null)
    {
        Client = client;
        this.options = options ?? new();

        // The scope tells this operator's instruments from those of others in the same process.
        Meter = new(new MeterOptions("Capstan") { Scope = this });

        // Before the first instrument: a counter's zero is told once, and a rate needs it.
        metricsPage = BindAddress.IsOff(this.options.MetricsBindAddress) ? null : new(Shows);
        Events = new(client, this.options.Name, Environment.MachineName, this.options.TimeProvider, this.options.LoggerFactory.CreateLogger("capstan.events"));
        health.Add("ping", static _ => ValueTask.FromResult<string?>(null));
        readiness.Add("informers", _ => ValueTask.FromResult(InformerStart.WhatIsMissing(informers)));
    }

    /// <summary>The client that the operator was begun with.</summary>
    public KubeClient Client { get; }

    /// <summary>For the operator's own instruments: they appear on its metrics page under the names that they are given.</summary>
    public Meter Meter { get; }

    /// <summary>Tells people what happens to objects. Events are written while the operator runs.</summary>
    public EventRecorder Events { get; }

    /// <summary>Watches a typed kind.</summary>
    /// <param name="informerOptions">Its scope. Default: all namespaces.</param>
    /// <returns>The informer: take its cache, add indexes.</returns>
    public Informer AddInformer<T>(InformerOptions? informerOptions = null)
        where T : KubeObject, IKubeObject<T> =>
        AddInformer(T.Resource, informerOptions);

    /// <summary>Watches a kind.</summary>
    /// <param name="type">The kind and where it is served.</param>
    /// <param name="informerOptions">Its scope. Default: all namespaces.</param>
    /// <returns>The informer: take its cache, add indexes.</returns>
    public Informer AddInformer(ResourceType type, InformerOptions? informerOptions = null)
    {
        var informer = new Informer(Client, type, informerOptions);
        informers.Add(informer);
        return informer;
    }

    /// <summary>Adds a controller.</summary>
    /// <param name="name">Unique name, lower-case, for logs and metrics.</param>
    /// <param name="configure">Says what it is for and what it does.</param>
    /// <exception cref="ArgumentException">The name is taken, there is nothing to run, or a number makes no sense.</exception>
    public void AddController(string name, Action<ControllerBuilder> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (controllers.Any(other => other.Name == name))
        {
            throw new ArgumentException($"there is a controller {name} already");
        }

        var controller = new ControllerBuilder(name);
        configure(controller);
        controller.Validate();
        if (controller.Sources.FirstOrDefault(source => !informers.Contains(source.Informer)) is { } foreign)
        {
            throw new ArgumentException($"controller {name}: the informer of {foreign.Informer.Type.GroupResource} is not of this operator, so nothing would start it");
        }

        controllers.Add(controller);
    }

    /// <summary>Adds something that runs beside the controllers, for as long as they work: with leader election, only on the leader.</summary>
    /// <param name="runnable">Runs until its token is cancelled, when the operator stops. If it ends or throws before, the operator ends with an error.</param>
    public void AddRunnable(Func<CancellationToken, Task> runnable) => runnables.Add(runnable);

    /// <summary>Adds a check to <c>/readyz</c>.</summary>
    /// <param name="name">Unique name, as in <c>/readyz/name</c>.</param>
    /// <param name="check">Gives null when all is well, else what is wrong.</param>
    public void AddReadyCheck(string name, Func<CancellationToken, ValueTask<string?>> check) => readiness.Add(name, check);

    /// <summary>Adds a check to <c>/healthz</c>: one that fails has the program restarted.</summary>
    /// <param name="name">Unique name, as in <c>/healthz/name</c>.</param>
    /// <param name="check">Gives null when all is well, else what is wrong.</param>
    public void AddHealthCheck(string name, Func<CancellationToken, ValueTask<string?>> check) => health.Add(name, check);

    /// <summary>Ends the putting together. Call once.</summary>
    /// <exception cref="OperatorException">A bind address cannot be read.</exception>
    /// <exception cref="ArgumentException">The options of the leader election contradict each other.</exception>
    public Operator Build()
    {
        if (built)
        {
            throw new InvalidOperationException("this operator has been built");
        }

        built = true;
        var made = new List<Controller>();
        foreach (var builder in controllers)
        {
            var controller = new Controller(builder, Meter, options.TimeProvider, options.LoggerFactory);
            foreach (var source in builder.Sources)
            {
                source.Attach(controller.Queue, builder.Name, options.LoggerFactory.CreateLogger($"capstan.controller.{builder.Name}"));
            }

            made.Add(controller);
        }

        return new(new OperatorParts(options, Client, Meter, metricsPage, informers, made, runnables, Events, health, readiness));
    }

    // The client's meters are of the process; those of other operators in it have another scope.
    private bool Shows(Meter other) => other == Meter || (other.Name == Meter.Name && other.Scope is null);
}
