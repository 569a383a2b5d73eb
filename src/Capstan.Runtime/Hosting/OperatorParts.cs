using System.Diagnostics.Metrics;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Diagnostics;

namespace Capstan.Hosting;

/// <summary>What an operator is made of.</summary>
internal sealed record OperatorParts(
    OperatorOptions Options,
    KubeClient Client,
    Meter Meter,
    PrometheusPage? MetricsPage,
    IReadOnlyList<Informer> Informers,
    IReadOnlyList<Controller> Controllers,
    IReadOnlyList<Func<CancellationToken, Task>> Runnables,
    EventRecorder Events,
    HealthChecks Health,
    HealthChecks Readiness);
