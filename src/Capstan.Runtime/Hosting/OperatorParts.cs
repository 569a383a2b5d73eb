using System.Diagnostics.Metrics;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Webhooks;

namespace Capstan.Hosting;

/// <summary>What an operator is made of.</summary>
internal sealed record OperatorParts(
    OperatorOptions Options,
    KubeClient Client,
    Meter Meter,
    PrometheusPage? MetricsPage,
    CertificateInstruments CertificateInstruments,
    IReadOnlyList<Informer> Informers,
    IReadOnlyList<Controller> Controllers,
    KeyOwnership Ownership,
    IReadOnlyList<Func<CancellationToken, Task>> Gates,
    IReadOnlyList<Func<CancellationToken, Task>> WorkGates,
    IReadOnlyList<Func<CancellationToken, Task>> Runnables,
    IReadOnlyList<Webhook> Webhooks,
    IReadOnlyList<ExtraHandler> ExtraHandlers,
    EventRecorder Events,
    HealthChecks Health,
    HealthChecks Readiness);
