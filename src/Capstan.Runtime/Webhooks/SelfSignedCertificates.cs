using System.Net;
using Capstan.Caching;
using Capstan.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Capstan.Webhooks;

/// <summary>The certificate that all replicas of an operator share: made once, kept in a Secret, published, and replaced before it ends without a request failing.</summary>
/// <remarks>
/// <para>Flow. (1) Whoever creates the Secret first has made the certificate of all. (2) Its authority is written into the configurations. (3) In time a second pair
/// is put beside it in the Secret. (4) Both authorities are written into the configurations. (5) After the overlap the second pair takes the first one's place, and every
/// replica serves it as soon as it sees the Secret; the authority before it stays published until the next time.</para>
/// <para>Guarantees. Each step is one write that holds only for the version that was read, so that any replica may take it and none can undo another's. No pair is
/// served before its authority has stood in every configuration for the overlap, and none is served whose authority does not.</para>
/// <para>Assumptions. An API server sees a configuration within the overlap. Clocks of replicas agree to within much less than it.</para>
/// </remarks>
internal sealed class SelfSignedCertificates : IDisposable
{
    private static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);
    private const int MostWritesInARow = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly KubeClient _client;
    private readonly SelfSignedCertificateOptions _options;
    private readonly ObjectKey _secret;
    private readonly string _serviceName;
    private readonly IReadOnlyList<BundlePublisher> _publishers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Alarm _alarm;
    private readonly ConfigurationAudit _audit;
    private CertificateGenerations? _served;
    private ServingCertificate? _current;
    private string? _missing = "no certificate yet";
    private int _writesInARow;

    /// <param name="client">Its writes must pass on every replica.</param>
    /// <param name="options">Names and times.</param>
    /// <param name="operatorName">From which names are made that are not given.</param>
    /// <param name="port">Where the webhooks are served, once they are; used with <see cref="SelfSignedCertificateOptions.UseLocalUrl"/>.</param>
    /// <param name="time">Clock of certificates and waits.</param>
    /// <param name="logger">Where it is told.</param>
    public SelfSignedCertificates(
        KubeClient client, SelfSignedCertificateOptions options, string operatorName, Func<int> port, TimeProvider time, ILogger logger)
    {
        _client = client;
        _options = options;
        _secret = new(options.Namespace, options.SecretName ?? $"{operatorName}-webhook-cert");
        _serviceName = options.ServiceName ?? $"{operatorName}-webhook";
        _time = time;
        _logger = logger;
        _alarm = new(time);
        _audit = new(options.Namespace, logger);
        _publishers =
        [
            .. options.ValidatingWebhookConfigurations.Select(name => new BundlePublisher(client, BundlePublisher.Validating, name, options.UseLocalUrl ? port : null)),
            .. options.MutatingWebhookConfigurations.Select(name => new BundlePublisher(client, BundlePublisher.Mutating, name, options.UseLocalUrl ? port : null)),
            .. options.CustomResourceDefinitions.Select(name => new BundlePublisher(client, BundlePublisher.Definitions, name, options.UseLocalUrl ? port : null)),
        ];
    }

    /// <summary>What is served now.</summary>
    public ServingCertificate Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("there is no certificate yet");

    /// <summary>What keeps API servers from reaching the webhooks; null when nothing does.</summary>
    public string? WhatIsMissing => Volatile.Read(ref _missing);

    /// <summary>Returns once there is a certificate to serve.</summary>
    /// <exception cref="CertificateException">The API server does not let us have the Secret.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var wait = FirstWait; ; wait = Longer(wait))
        {
            try
            {
                await LoadAsync(cancellationToken);
                return;
            }
            catch (ApiException error) when (error.IsForbidden || error.IsNotFound || error.IsInvalid || error.IsUnauthorized)
            {
                throw new CertificateException($"the webhooks have no certificate: {error.Message}", error);
            }
            catch (Exception error) when (MayPass(error, cancellationToken))
            {
                Log.CertificateUpkeepFailed(_logger, wait, error.Message);
                await Task.Delay(wait, _time, cancellationToken);
            }
        }
    }

    /// <summary>Keeps Secret, configurations and what is served in step until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watching = Task.WhenAll(Informers().Select(informer => informer.RunAsync(cancellationToken)));
        var wait = FirstWait;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var due = await StepAsync(cancellationToken);
                if (_writesInARow > MostWritesInARow)
                {
                    // Somebody else writes a bundle of his own again and again: neither may win, but not at full speed.
                    await PauseAsync(wait, cancellationToken);
                    wait = Longer(wait);
                    continue;
                }

                wait = FirstWait;
                await _alarm.WaitAsync(due < LongestSleep ? due : LongestSleep, cancellationToken);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // A cancelled request may end with any error.
                break;
            }
            catch (ApiException error) when (error.IsConflict && wait == FirstWait)
            {
                // Another replica was quicker: see at once what it did. If that comes again, it may be no replica.
                wait = Longer(wait);
            }
            catch (Exception error) when (MayPass(error, cancellationToken))
            {
                Volatile.Write(ref _missing, error.Message);
                Log.CertificateUpkeepFailed(_logger, wait, error.Message);
                await PauseAsync(wait, cancellationToken);
                wait = Longer(wait);
            }
        }

        try
        {
            await watching;
        }
        catch (OperationCanceledException)
        {
            // The stop that was asked for.
        }
    }

    public void Dispose() => _alarm.Dispose();

    /// <summary>Brings everything one step further.</summary>
    /// <returns>When there is something to do again, if nothing rings before.</returns>
    private async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        // 1. The configurations before the Secret: what they say then is never newer than the Secret, so no newer authority is taken out of them.
        var configurations = await Task.WhenAll(_publishers.Select(publisher => publisher.ReadAsync(cancellationToken)));
        var (stored, generations) = await LoadAsync(cancellationToken);

        // 2. All authorities into all configurations.
        var written = false;
        for (var i = 0; i < _publishers.Count; i++)
        {
            if (configurations[i] is { } configuration)
            {
                _audit.Look(configuration);
                if (await _publishers[i].PublishAsync(configuration, generations.Bundle, cancellationToken))
                {
                    written = true;
                    Log.BundlePublished(_logger, configuration.ToString(), _secret.ToString());
                }
            }
        }

        _writesInARow = written ? _writesInARow + 1 : 0;
        Volatile.Write(ref _missing, Absent(configurations));

        // 3. The next pair, when it is time.
        var now = _time.GetUtcNow();
        if (generations.Next is null)
        {
            var renewal = RenewalOf(generations);
            if (renewal > now)
            {
                return renewal - now;
            }

            await SaveAsync(stored, generations with { Next = NewPair(), NextPublishedAt = null }, cancellationToken);
            Log.CertificateRenewing(_logger, _secret.ToString(), _options.Overlap);
            return TimeSpan.Zero;
        }

        // 4. The overlap begins when all have it, and anew when somebody had taken it out of one.
        if (generations.NextPublishedAt is not { } publishedAt || written)
        {
            await SaveAsync(stored, generations with { NextPublishedAt = now }, cancellationToken);
            return TimeSpan.Zero;
        }

        // 5. The switch. With a pair that has ended there is nothing to lose by it.
        var switchAt = publishedAt + _options.Overlap;
        if (switchAt > now && Current.Leaf.NotAfter > now)
        {
            return switchAt - now;
        }

        await SaveAsync(stored, new(generations.Next) { PreviousAuthority = generations.Current.Authority }, cancellationToken);
        return TimeSpan.Zero;
    }

    /// <summary>Reads the Secret, or writes it if it is absent or spoilt, and serves what it holds.</summary>
    private async Task<(DynamicObject Stored, CertificateGenerations Generations)> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await _client.FindAsync(Secrets, _secret, cancellationToken) ?? await CreateAsync(cancellationToken);
        CertificateGenerations generations;
        try
        {
            generations = CertificateGenerations.Read(stored);
        }
        catch (CertificateException error)
        {
            Log.CertificateSecretSpoilt(_logger, _secret.ToString(), error.Message);
            generations = _served ?? new(NewPair());
            stored = await _client.UpdateAsync(Secrets, generations.WriteTo(stored), null, cancellationToken);
        }

        Adopt(generations);
        return (stored, generations);
    }

    private async Task<DynamicObject> CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            // What is served goes on being served. If another replica creates it first, its certificate is the one.
            return await _client.CreateAsync(Secrets, (_served ?? new(NewPair())).ToSecret(_secret), null, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            return await _client.GetAsync(Secrets, _secret, cancellationToken);
        }
    }

    private async Task SaveAsync(DynamicObject stored, CertificateGenerations generations, CancellationToken cancellationToken)
    {
        await _client.UpdateAsync(Secrets, generations.WriteTo(stored), null, cancellationToken);
        Adopt(generations);
    }

    private void Adopt(CertificateGenerations generations)
    {
        if (_served?.Current != generations.Current)
        {
            var serving = generations.ToServing();
            Volatile.Write(ref _current, serving);
            Log.CertificateAdopted(_logger, _secret.ToString(), serving.Leaf.NotAfter.ToUniversalTime());
        }

        _served = generations;
    }

    private DateTimeOffset RenewalOf(CertificateGenerations generations)
    {
        var leaf = Current.Leaf;
        var lifetime = leaf.NotAfter - leaf.NotBefore;

        // A certificate that is short-lived for its renewal time would otherwise be replaced without end.
        var before = _options.RenewBefore < lifetime / 2 ? _options.RenewBefore : lifetime / 3;
        return Hosts().All(host => leaf.MatchesHostname(host, allowWildcards: false, allowCommonName: false)) ? new DateTimeOffset(leaf.NotAfter) - before : DateTimeOffset.MinValue;
    }

    private SelfSignedPair NewPair() => SelfSignedPair.Create(_serviceName, Hosts(), _time.GetUtcNow(), _options.Lifetime);

    private IEnumerable<string> Hosts()
    {
        var service = $"{_serviceName}.{_options.Namespace}";
        return ["localhost", IPAddress.Loopback.ToString(), IPAddress.IPv6Loopback.ToString(), service, $"{service}.svc", $"{service}.svc.cluster.local", .. _options.Hosts];
    }

    private string? Absent(DynamicObject?[] configurations)
    {
        var absent = _publishers.Where((_, i) => configurations[i] is null).Select(publisher => $"{publisher.Type.Kind} {publisher.Name}").ToList();
        return absent.Count == 0 ? null : $"there is no {string.Join(" and no ", absent)}";
    }

    /// <summary>What rings when somebody else changes Secret or configurations: each watches one object, by its name.</summary>
    private IEnumerable<Informer> Informers()
    {
        var informers = _publishers.Select(publisher => new Informer(_client, publisher.Type, new() { FieldSelector = $"metadata.name={publisher.Name}" }))
            .Append(new Informer(_client, Secrets, new() { Namespace = _secret.Namespace, FieldSelector = $"metadata.name={_secret.Name}" }));
        foreach (var informer in informers)
        {
            informer.AddHandler(_ => _alarm.Ring());
            yield return informer;
        }
    }

    private async Task PauseAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private static bool MayPass(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && error is ApiException or HttpRequestException or TimeoutException or IOException or CertificateException or System.Text.Json.JsonException;

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;
}
