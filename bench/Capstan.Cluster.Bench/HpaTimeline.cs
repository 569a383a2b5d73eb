using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Bench;

namespace Capstan.Cluster.Bench;

/// <summary>How the replicas of KubeTemplater follow a load: <c>capstan load churn</c> for a time, then nothing, with what the autoscaler sees and does beside it.</summary>
internal static class HpaTimeline
{
    private const string Namespace = "kubetemplater-system";
    private const string Name = "kubetemplater-controller-manager";

    private static readonly ResourceType Autoscalers = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespaced: true);
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", Namespaced: true);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Writes a row for each change, until the replicas are at the least number again.</summary>
    /// <param name="kubeconfig">The cluster.</param>
    /// <param name="capstan">The tool.</param>
    /// <param name="load">Arguments of <c>capstan load</c>.</param>
    /// <param name="within">How long all of it may take.</param>
    public static async Task RunAsync(string kubeconfig, string capstan, IReadOnlyList<string> load, TimeSpan within)
    {
        using var client = new KubeClient(KubeConfig.Load(kubeconfig));
        var start = TimeProvider.System.GetTimestamp();
        await SettleAsync(client, within);
        Report.Head($"capstan load {string.Join(' ', load)}", "after s", "load", "replicas wanted", "ready", "CPU, % of the request", "memory, % of the request", "the autoscaler says");
        start = TimeProvider.System.GetTimestamp();
        using var loading = Process.Start(new ProcessStartInfo(capstan, ["load", .. load, "--kubeconfig", kubeconfig]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var report = loading.StandardOutput.ReadToEndAsync();
        var told = loading.StandardError.ReadToEndAsync();
        var (last, most) = ("", 0);
        while (TimeProvider.System.GetElapsedTime(start) < within)
        {
            var (hpa, deployment) = await StateAsync(client);
            var (wanted, ready, least) = ((int?)hpa["status"]?["desiredReplicas"] ?? 0, (int?)deployment["status"]?["readyReplicas"] ?? 0, (int)hpa["spec"]!["minReplicas"]!);
            most = Math.Max(most, ready);
            var row = $"{loading.HasExited} {wanted} {ready}";
            if (row != last)
            {
                last = row;
                Report.Row((long)TimeProvider.System.GetElapsedTime(start).TotalSeconds, loading.HasExited ? "none" : "churn", wanted, ready, Used(hpa, "cpu"), Used(hpa, "memory"), Said(hpa));
            }

            if (loading.HasExited && wanted == least && ready == least)
            {
                break;
            }

            await Task.Delay(Period);
        }

        await loading.WaitForExitAsync();
        Console.WriteLine($"\nAt most {most} replicas were ready at once; capstan load ended with {loading.ExitCode}.\n\n```\n{await report}```");
        Console.Error.WriteLine(await told);
    }

    /// <summary>Until there are as many as there should be without a load, and usage is known.</summary>
    private static async Task SettleAsync(KubeClient client, TimeSpan within)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (hpa, deployment) = await StateAsync(client);
            var least = (int)hpa["spec"]!["minReplicas"]!;
            if ((int?)deployment["status"]?["readyReplicas"] == least && (int?)hpa["status"]?["desiredReplicas"] == least && Used(hpa, "cpu") != "?")
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > within)
            {
                throw new InvalidOperationException($"not at {least} replicas without a load: {hpa["status"]?.ToJsonString()}");
            }

            await Task.Delay(Period);
        }
    }

    private static async Task<(JsonObject Hpa, JsonObject Deployment)> StateAsync(KubeClient client) =>
        ((await client.GetAsync(Autoscalers, new(Namespace, Name))).ToJson(), (await client.GetAsync(Deployments, new(Namespace, Name))).ToJson());

    private static string Used(JsonObject hpa, string resource)
    {
        var metric = (hpa["status"]?["currentMetrics"] as JsonArray ?? []).FirstOrDefault(one => (string?)one?["resource"]?["name"] == resource);
        return ((int?)metric?["resource"]?["current"]?["averageUtilization"])?.ToString(CultureInfo.InvariantCulture) ?? "?";
    }

    private static string Said(JsonObject hpa)
    {
        var conditions = (hpa["status"]?["conditions"] as JsonArray ?? []).Select(one => one!.AsObject()).ToDictionary(one => (string)one["type"]!, one => (string?)one["reason"] ?? "");
        return string.Join(", ", new[] { "AbleToScale", "ScalingLimited" }.Select(type => conditions.GetValueOrDefault(type, "")).Where(reason => reason.Length > 0));
    }
}
