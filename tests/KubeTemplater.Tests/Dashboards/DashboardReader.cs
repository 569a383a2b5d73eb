using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Dashboard.Tests;

/// <summary>Somebody who asks an operator for its dashboard, with a token or without one.</summary>
public sealed class DashboardReader : IDisposable
{
    private readonly HttpClient _http;

    private DashboardReader(int port, string? token)
    {
        // The certificate is one that the operator made for itself.
#pragma warning disable CA5359, CA2000
        _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true } })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}"),
        };
#pragma warning restore CA5359, CA2000
        _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Everything that was answered.</summary>
    public string Seen { get; private set; } = "";

    /// <summary>Somebody without a token.</summary>
    public static DashboardReader Stranger(Operator of) => new(of.MetricsPort, null);

    /// <summary>A ServiceAccount with these rules, as flow YAML.</summary>
    public static async Task<DashboardReader> StartAsync(TestCluster cluster, Operator of, string name, string rules)
    {
        await cluster.InstallAsync($$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: {{name}}, namespace: default}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: {{name}}}
            rules: {{rules}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: {{name}}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{name}}}
            subjects: [{kind: ServiceAccount, name: {{name}}, namespace: default}]
            """);
        var (token, _) = await cluster.Client.CreateTokenAsync(new("default", name), TimeSpan.FromHours(1));
        return new(of.MetricsPort, token);
    }

    /// <summary>Asks for a path.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        Seen += await answer.Content.ReadAsStringAsync();
        return answer;
    }

    /// <summary>The data of a path, which there must be.</summary>
    public async Task<JsonNode> DataAsync(string path)
    {
        using var answer = await GetAsync($"/dashboard/data/{path}");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
