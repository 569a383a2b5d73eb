using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Client;

/// <summary>Credentials that a program prints; kept until shortly before they end, and asked for by one request at a time.</summary>
internal sealed class ExecCredentials(ExecPlugin plugin, KubeConfig config, TimeProvider time) : Credentials
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile Printed? _last;

    public override X509Certificate2? Certificate => _last?.Certificate;

    public override async ValueTask AuthenticateAsync(HttpRequestHeaders headers, CancellationToken cancellationToken)
    {
        var last = _last;
        if (!IsGood(last))
        {
            await _oneAtATime.WaitAsync(cancellationToken);
            try
            {
                last = IsGood(_last) ? _last : _last = await RunAsync(cancellationToken);
            }
            finally
            {
                _oneAtATime.Release();
            }
        }

        headers.Authorization = last!.Token is { } token ? new("Bearer", token) : null;
    }

    public override bool Forget(AuthenticationHeaderValue? refused)
    {
        // Many requests are refused at once: only the first of them makes the program run again.
        if (_last is { } last && last.Token == refused?.Parameter)
        {
            _last = null;
        }

        return true;
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
    }

    private bool IsGood(Printed? credentials) => credentials is not null && (credentials.Ends is not { } ends || time.GetUtcNow() < ends - Margin);

    private async Task<Printed> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(plugin.Command) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in plugin.Args)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Question();
        using var deadline = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw Wrong(plugin.InstallHint is { Length: > 0 } hint ? $"{error.Message}; {hint}" : error.Message, error);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(both.Token);
            var errors = process.StandardError.ReadToEndAsync(both.Token);
            await process.WaitForExitAsync(both.Token);
            return process.ExitCode == 0 ? Read(await output) : throw Wrong($"exit code {process.ExitCode}: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw Wrong($"no answer within {Patience.TotalSeconds:0} s");
        }
    }

    private string Question()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (plugin.ProvideClusterInfo)
        {
            var cluster = new JsonObject { ["server"] = config.Server.OriginalString };
            if (config.CertificateAuthority is { } authority)
            {
                cluster["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
            }

            if (config.TlsServerName is { } name)
            {
                cluster["tls-server-name"] = name;
            }

            if (config.InsecureSkipTlsVerify)
            {
                cluster["insecure-skip-tls-verify"] = true;
            }

            if (config.ProxyUrl is { } proxy)
            {
                cluster["proxy-url"] = proxy.OriginalString;
            }

            if (plugin.ClusterConfig is { } settings)
            {
                cluster["config"] = JsonNode.Parse(settings);
            }

            spec["cluster"] = cluster;
        }

        return new JsonObject { ["apiVersion"] = plugin.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    private Printed Read(string output)
    {
        try
        {
            if (JsonNode.Parse(output) is not JsonObject credential || (string?)credential["kind"] != "ExecCredential" || credential["status"] is not JsonObject status)
            {
                throw Wrong("what it printed is no ExecCredential with a status");
            }

            if ((string?)credential["apiVersion"] != plugin.ApiVersion)
            {
                throw Wrong($"it speaks {(string?)credential["apiVersion"]} and was asked for {plugin.ApiVersion}");
            }

            var token = (string?)status["token"];
            var certificate = (string?)status["clientCertificateData"];
            var key = (string?)status["clientKeyData"];
            if (string.IsNullOrEmpty(token) && (certificate is null || key is null))
            {
                throw Wrong("it printed neither a token nor a certificate with its key");
            }

            DateTimeOffset? ends = (string?)status["expirationTimestamp"] is { } text
                ? KubeTime.TryParse(text, out var at) ? at : throw Wrong($"expirationTimestamp: '{text}' is not an RFC 3339 time")
                : null;
            return new(string.IsNullOrEmpty(token) ? null : token, certificate is null ? null : X509Certificate2.CreateFromPem(certificate, key), ends);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or CryptographicException)
        {
            throw Wrong(error.Message, error);
        }
    }

    private KubeConfigException Wrong(string what, Exception? inner = null) => new($"{config.Source}: exec plugin {plugin.Command}: {what}", inner);

    private sealed record Printed(string? Token, X509Certificate2? Certificate, DateTimeOffset? Ends);
}
