using System.Diagnostics.Metrics;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Hosting;
using Capstan.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Capstan;

/// <summary>Puts an operator together: informers first, then the controllers that use them, then <see cref="Build"/>.</summary>
/// <remarks>Nothing runs and nothing is sent before <see cref="Operator.RunAsync"/>. Not thread-safe.</remarks>
public sealed class OperatorBuilder
{
    private readonly OperatorOptions _options;
    private readonly List<Informer> _informers = [];
    private readonly List<ControllerBuilder> _controllers = [];
    private readonly List<Func<CancellationToken, Task>> _gates = [];
    private readonly List<Func<CancellationToken, Task>> _workGates = [];
    private readonly List<Func<CancellationToken, Task>> _runnables = [];
    private readonly List<Webhook> _webhooks = [];
    private readonly List<ExtraHandler> _extraHandlers = [];
    private readonly HealthChecks _health = new("healthz");
    private readonly HealthChecks _readiness = new("readyz");
    private readonly PrometheusPage? _metricsPage;
    private readonly CertificateInstruments _certificateInstruments;
    private bool _built;

    /// <summary>Begins an operator.</summary>
    /// <param name="client">Reads and writes for it. The caller disposes it after the run.</param>
    /// <param name="options">How it runs; must not change from here on.</param>
    public OperatorBuilder(KubeClient client, OperatorOptions? options = null)
    {
        Client = client;
        _options = options ?? new();

        // The scope tells this operator's instruments from those of others in the same process.
        Meter = new(new MeterOptions("Capstan") { Scope = this });

        // Before the first instrument: a counter's zero is told once, and a rate needs it.
        _metricsPage = BindAddress.IsOff(_options.MetricsBindAddress) ? null : new(Shows);
        _certificateInstruments = new(Meter);
        Events = new(client, _options.Name, Environment.MachineName, _options.TimeProvider, _options.LoggerFactory.CreateLogger("capstan.events"));
        _health.Add("ping", static _ => ValueTask.FromResult<string?>(null));
        _readiness.Add("informers", _ => ValueTask.FromResult(InformerStart.WhatIsMissing(_informers)));
    }

    /// <summary>The client that the operator was begun with.</summary>
    public KubeClient Client { get; }

    /// <summary>For the operator's own instruments: they appear on its metrics page under the names that they are given.</summary>
    public Meter Meter { get; }

    /// <summary>Tells people what happens to objects. Events are written while the operator runs.</summary>
    public EventRecorder Events { get; }

    /// <summary>Tells, while the operator runs, which keys this replica works on.</summary>
    public KeyOwnership Ownership { get; } = new();

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
        _informers.Add(informer);
        return informer;
    }

    /// <summary>Adds a controller.</summary>
    /// <param name="name">Unique name, lower-case, for logs and metrics.</param>
    /// <param name="configure">Says what it is for and what it does.</param>
    /// <exception cref="ArgumentException">The name is taken, there is nothing to run, or a number makes no sense.</exception>
    public void AddController(string name, Action<ControllerBuilder> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_controllers.Any(other => other.Name == name))
        {
            throw new ArgumentException($"there is a controller {name} already");
        }

        var controller = new ControllerBuilder(name);
        configure(controller);
        controller.Validate();
        if (controller.Sources.FirstOrDefault(source => !_informers.Contains(source.Informer)) is { } foreign)
        {
            throw new ArgumentException($"controller {name}: the informer of {foreign.Informer.Type.GroupResource} is not of this operator, so nothing would start it");
        }

        _controllers.Add(controller);
    }

    /// <summary>Adds something to wait for before this replica does anything: another program that still writes the same objects, a migration.</summary>
    /// <remarks>Only probes and metrics are served meanwhile. Gates are awaited one after the other; <see cref="Operator.Synced"/> comes after them.</remarks>
    /// <param name="gate">Ends when the replica may go on. What it throws ends the operator. Its token is cancelled when the operator is stopped.</param>
    public void AddGate(Func<CancellationToken, Task> gate) => _gates.Add(gate);

    /// <summary>Adds something to wait for before this replica works: its caches are filled, it is ready and its webhooks answer, but no controller runs, and none of what
    /// <see cref="AddRunnable"/> added. With leader election it holds the Lease already; with sharding it has not joined yet.</summary>
    /// <param name="gate">Ends when the replica may go on. What it throws ends the operator. Its token is cancelled when the operator is stopped.</param>
    public void AddWorkGate(Func<CancellationToken, Task> gate) => _workGates.Add(gate);

    /// <summary>Adds something that runs beside the controllers, for as long as they work: with leader election, only on the leader.</summary>
    /// <param name="runnable">Runs until its token is cancelled, when the operator stops. If it ends or throws before, the operator ends with an error.</param>
    public void AddRunnable(Func<CancellationToken, Task> runnable) => _runnables.Add(runnable);

    /// <summary>Adds a webhook that may refuse requests about a typed kind. It is served over https on the address of <see cref="WebhookOptions"/>, by every replica, from
    /// before the informers begin until after they end. A request that comes before all of them have synced waits for them; if they do not in its time, it has no answer (503), and
    /// the <c>failurePolicy</c> of the configuration decides.</summary>
    /// <param name="path">Path of its URL, for example <c>/validate-example-com-v1-shop</c>.</param>
    /// <param name="validate">Judges a request; runs for several at the same time. Its token is cancelled shortly before the API server gives up (by default after ten
    /// seconds). What it throws refuses this request and harms no other. It must have no effects besides its answer on a dry run.</param>
    /// <param name="needsCaches">Whether the handler reads caches. With false it is asked before they have synced too. Default true.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken.</exception>
    public void AddValidatingWebhook<T>(string path, Func<AdmissionRequest<T>, CancellationToken, ValueTask<AdmissionResult>> validate, bool needsCaches = true)
        where T : KubeObject, IKubeObject<T> =>
        Add(AdmissionWebhook.Of(path, isMutating: false, validate, needsCaches));

    /// <summary>As the other, of any kind; objects are decoded no further than is asked for.</summary>
    /// <param name="path">Path of its URL.</param>
    /// <param name="validate">Judges a request, as in the other.</param>
    /// <param name="needsCaches">Whether the handler reads caches. With false it is asked before they have synced too. Default true.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken.</exception>
    public void AddValidatingWebhook(string path, Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> validate, bool needsCaches = true) => Add(new AdmissionWebhook(path, false, validate, needsCaches));

    /// <summary>Adds a webhook that may also change the objects of requests, by <see cref="AdmissionResult.Changed{T}"/>. It may be asked more than once about one request, and
    /// must then want the same.</summary>
    /// <param name="path">Path of its URL, for example <c>/mutate-example-com-v1-shop</c>.</param>
    /// <param name="mutate">Judges a request, under the terms of <see cref="AddValidatingWebhook{T}"/>.</param>
    /// <param name="needsCaches">Whether the handler reads caches. With false it is asked before they have synced too. Default true.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken.</exception>
    public void AddMutatingWebhook<T>(string path, Func<AdmissionRequest<T>, CancellationToken, ValueTask<AdmissionResult>> mutate, bool needsCaches = true)
        where T : KubeObject, IKubeObject<T> =>
        Add(AdmissionWebhook.Of(path, isMutating: true, mutate, needsCaches));

    /// <summary>As the other, of any kind.</summary>
    /// <param name="path">Path of its URL.</param>
    /// <param name="mutate">Judges a request, as in the other.</param>
    /// <param name="needsCaches">Whether the handler reads caches. With false it is asked before they have synced too. Default true.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken.</exception>
    public void AddMutatingWebhook(string path, Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionResult>> mutate, bool needsCaches = true) => Add(new AdmissionWebhook(path, true, mutate, needsCaches));

    /// <summary>Adds a webhook that converts objects of custom kinds between their versions. Definitions name it in <c>spec.conversion.webhook</c>; one serves any number of kinds.
    /// Of a review all objects are converted, or none.</summary>
    /// <param name="path">Path of its URL; <c>/convert</c> by custom.</param>
    /// <param name="configure">Says what it converts.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken, or what is to be converted contradicts itself.</exception>
    public void AddConversionWebhook(string path, Action<ConversionBuilder> configure)
    {
        var conversion = new ConversionBuilder();
        configure(conversion);
        Add(new ConversionWebhook(path, conversion.Paths));
    }

    /// <summary>Serves more at the address of <c>/metrics</c>, by every replica, whether or not it leads.</summary>
    /// <param name="path">Path of its URLs, for example <c>/dashboard</c>: it and everything below it, unless a longer path was added.</param>
    /// <param name="handler">Answers requests, several at the same time. Bodies of requests are refused before.</param>
    /// <param name="accessPath">Non-resource URL on which the reader's token must grant <c>get</c>, judged as that of <c>/metrics</c>; it need not be <paramref name="path"/>.
    /// Null serves anybody who can connect: for pages that hold nothing of the cluster.</param>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is taken.</exception>
    public void AddMetricsServerExtraHandler(string path, RequestDelegate handler, string? accessPath)
    {
        if (!path.StartsWith('/') || path == "/metrics" || _extraHandlers.Any(other => other.Path == path))
        {
            throw new ArgumentException($"a handler's path begins with a slash and is its own: {path}");
        }

        _extraHandlers.Add(new(path, handler, accessPath));
    }

    /// <summary>Adds a check to <c>/readyz</c>.</summary>
    /// <param name="name">Unique name, as in <c>/readyz/name</c>.</param>
    /// <param name="check">Gives null when all is well, else what is wrong.</param>
    public void AddReadyCheck(string name, Func<CancellationToken, ValueTask<string?>> check) => _readiness.Add(name, check);

    /// <summary>Adds a check to <c>/healthz</c>: one that fails has the program restarted.</summary>
    /// <param name="name">Unique name, as in <c>/healthz/name</c>.</param>
    /// <param name="check">Gives null when all is well, else what is wrong.</param>
    public void AddHealthCheck(string name, Func<CancellationToken, ValueTask<string?>> check) => _health.Add(name, check);

    /// <summary>Ends the putting together. Call once.</summary>
    /// <exception cref="OperatorException">A bind address cannot be read, or what <see cref="AddMetricsServerExtraHandler"/> added would not be served, or be served to anybody.</exception>
    /// <exception cref="ArgumentException">The options of the leader election contradict each other.</exception>
    public Operator Build()
    {
        if (_built)
        {
            throw new InvalidOperationException("this operator has been built");
        }

        _built = true;
        if (_extraHandlers.Find(extra => _metricsPage is null || (extra.AccessPath is not null && !_options.MetricsSecure)) is { } unserved)
        {
            throw new OperatorException($"{unserved.Path} is served at the address of the metrics, {(_metricsPage is null ? "which is off" : "which must be secure to know who asks")}");
        }

        var made = new List<Controller>();
        foreach (var builder in _controllers)
        {
            var controller = new Controller(builder, Meter, _options.TimeProvider, _options.LoggerFactory, new Random(_options.Random.Next()));
            foreach (var source in builder.Sources)
            {
                source.Attach(controller.Queue, key => controller.Admission?.Wants(key) != false, controller.Traces, builder.Name, _options.LoggerFactory.CreateLogger($"capstan.controller.{builder.Name}"));
            }

            foreach (var attach in builder.Triggers)
            {
                attach((key, priority) => controller.Queue.Add(key, priority));
            }

            made.Add(controller);
        }

        return new(new OperatorParts(_options, Client, Meter, _metricsPage, _certificateInstruments, _informers, made, Ownership, _gates, _workGates, _runnables, _webhooks, _extraHandlers, Events, _health, _readiness));
    }

    private void Add(Webhook webhook)
    {
        if (!webhook.Path.StartsWith('/'))
        {
            throw new ArgumentException($"the path of a webhook begins with a slash: {webhook.Path}");
        }

        if (_webhooks.Any(other => other.Path == webhook.Path))
        {
            throw new ArgumentException($"there is a webhook at {webhook.Path} already");
        }

        _webhooks.Add(webhook);
    }

    // The client's meters are of the process; those of other operators in it have another scope.
    private bool Shows(Meter other) => other == Meter || (other.Name == Meter.Name && other.Scope is null);
}
