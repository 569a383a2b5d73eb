using Microsoft.Extensions.Logging;

namespace KubeTemplater.Tests;

public class KubeTemplaterOptionsTests
{
    [Fact]
    public void Defaults_are_the_Go_operators() =>
        Assert.Equivalent(new KubeTemplaterOptions(), KubeTemplaterOptions.FromEnvironment(_ => null), strict: true);

    [Fact]
    public void Values_are_read()
    {
        var options = Read(
            ("OPERATOR_NAMESPACE", "ops"), ("POD_NAMESPACE", "pods"), ("NUM_WORKERS", "8"), ("CACHE_TTL", "120"), ("PERIODIC_RECONCILE_INTERVAL", "45"), ("QUEUE_MAX_RETRIES", "7"),
            ("QUEUE_INITIAL_RETRY_DELAY", "2"), ("QUEUE_MAX_RETRY_DELAY", "180"), ("QUEUE_MAX_RETRY_CYCLES", "0"), ("WATCH_NAMESPACES", "red, blue,,red"), ("SHARDING", "True"));

        Assert.Equal(("ops", "pods", 8), (options.OperatorNamespace, options.PodNamespace, options.Workers));
        Assert.Equal(
            (120d, 45d, 2d, 180d),
            (options.PolicyCacheTtl.TotalSeconds, options.PeriodicReconcileInterval.TotalSeconds, options.InitialRetryDelay.TotalSeconds, options.MaxRetryDelay.TotalSeconds));
        Assert.Equal((7, 0), (options.MaxRetries, options.MaxRetryCycles));
        Assert.Equal(["blue", "red"], options.WatchNamespaces);
        Assert.True(options.Sharding);
        Assert.Equal("SHARDING=1: must be true or false", Assert.Throws<FormatException>(() => Read(("SHARDING", "1"))).Message);
    }

    [Fact]
    public void The_policies_own_time_to_live_counts_before_the_general_one()
    {
        Assert.Equal(30, Read(("POLICY_CACHE_TTL", "30"), ("CACHE_TTL", "60")).PolicyCacheTtl.TotalSeconds);
        Assert.Equal(60, Read(("POLICY_CACHE_TTL", " "), ("CACHE_TTL", "60")).PolicyCacheTtl.TotalSeconds);
        Assert.Equal(300, Read().PolicyCacheTtl.TotalSeconds);
    }

    [Theory]
    [InlineData("NUM_WORKERS", "0", "1 to 1000")]
    [InlineData("NUM_WORKERS", "many", "1 to 1000")]
    [InlineData("NUM_WORKERS", "3.5", "1 to 1000")]
    [InlineData("NUM_WORKERS", "99999999999", "1 to 1000")]
    [InlineData("CACHE_TTL", "59", "60 to 86400")]
    [InlineData("POLICY_CACHE_TTL", "29", "30 to 600")]
    [InlineData("POLICY_CACHE_TTL", "601", "30 to 600")]
    [InlineData("PERIODIC_RECONCILE_INTERVAL", "29", "30 to 86400")]
    [InlineData("QUEUE_MAX_RETRIES", "0", "1 to 1000")]
    [InlineData("QUEUE_INITIAL_RETRY_DELAY", "-1", "1 to 3600")]
    [InlineData("QUEUE_INITIAL_RETRY_DELAY", "1s", "1 to 3600")]
    [InlineData("QUEUE_MAX_RETRY_DELAY", "59", "60 to 86400")]
    [InlineData("QUEUE_MAX_RETRY_CYCLES", "-1", "0 to 1000000")]
    public void A_value_out_of_range_is_an_error_that_names_variable_value_and_range(string name, string value, string range) =>
        Assert.Equal($"{name}={value}: must be a whole number from {range}", Assert.Throws<FormatException>(() => Read((name, value))).Message);

    [Fact]
    public void A_general_time_to_live_out_of_range_is_an_error_even_where_it_does_not_count() =>
        Assert.Throws<FormatException>(() => Read(("POLICY_CACHE_TTL", "60"), ("CACHE_TTL", "1")));

    [Theory]
    [InlineData(",")]
    [InlineData("Blue")]
    [InlineData("blue;red")]
    [InlineData("blue,*")]
    public void A_list_that_names_no_namespace_does_not_quietly_mean_all(string list) =>
        Assert.StartsWith($"WATCH_NAMESPACES={list}: must be", Assert.Throws<FormatException>(() => Read(("WATCH_NAMESPACES", list))).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_group_of_namespaces_has_a_Lease_of_its_own_whatever_the_order_of_their_names()
    {
        var lease = KubeTemplaterOperator.LeaseNameOf(Read(("WATCH_NAMESPACES", "red,blue")).WatchNamespaces);

        Assert.Equal("8377a775.my.company.com-3ea4779368", lease);
        Assert.Equal(lease, KubeTemplaterOperator.LeaseNameOf(Read(("WATCH_NAMESPACES", "blue,red,blue")).WatchNamespaces));
        Assert.NotEqual(lease, KubeTemplaterOperator.LeaseNameOf(Read(("WATCH_NAMESPACES", "blue")).WatchNamespaces));
        Assert.Equal("8377a775.my.company.com", KubeTemplaterOperator.LeaseNameOf([]));
    }

    [Fact]
    public void Metrics_are_off_and_secure_unless_flags_say_otherwise()
    {
        var defaults = Flags();
        Assert.Equal(("0", true, null), (defaults.MetricsBindAddress, defaults.MetricsSecure, defaults.MetricsCertificate));
        var given = Flags("--metrics-bind-address", ":8443", "--metrics-cert-path", "/certs", "--metrics-cert-name", "a.crt", "--metrics-cert-key", "a.key");
        Assert.Equal((":8443", true), (given.MetricsBindAddress, given.MetricsSecure));
        Assert.Equal(new() { Directory = "/certs", CertificateFile = "a.crt", KeyFile = "a.key" }, given.MetricsCertificate);
        Assert.False(Flags("--metrics-bind-address", ":8080", "--metrics-secure=false").MetricsSecure);
    }

    [Fact]
    public void The_flags_of_the_Go_operators_manifests_are_taken()
    {
        var options = Flags(
            "--leader-elect", "--health-probe-bind-address=:8081", "--metrics-bind-address=:8443", "--enable-http2=false", "--webhook-cert-secret-name=", "--metrics-cert-path=", "--webhook-service-name=hooks",
            "--webhook-configuration-name=config", "--webhook-cert-path=/hooks", "--zap-devel=false", "--zap-encoder=json", "--zap-stacktrace-level=error", "--zap-time-encoding=rfc3339");

        Assert.True(options.LeaderElect);
        Assert.Equal(
            (":9443", "kubetemplater-webhook-cert", "hooks", "config", "/hooks"),
            (options.Admission.BindAddress, options.Admission.SecretName, options.Admission.ServiceName, options.Admission.ConfigurationName, options.Admission.Certificate?.Directory));
    }

    [Theory]
    [InlineData(LogLevel.Information)]
    [InlineData(LogLevel.Debug, "--zap-devel")]
    [InlineData(LogLevel.Information, "--zap-devel", "--zap-log-level=info")]
    [InlineData(LogLevel.Debug, "--zap-log-level=1")]
    [InlineData(LogLevel.Trace, "--zap-log-level=5")]
    [InlineData(LogLevel.Error, "--zap-log-level=error")]
    public void The_level_of_the_logs_is_the_Go_operators(LogLevel level, params string[] arguments)
    {
        var command = new CommandLine();
        Assert.Equal(level, command.Process.LogLevel(command.Root.Parse(arguments)));
    }

    [Fact]
    public void A_level_that_there_is_not_is_wrong_usage() =>
        Assert.Contains("'loud'", Assert.Single(new CommandLine().Root.Parse(["--zap-log-level=loud"]).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void The_help_teaches_every_variable_with_its_default_and_range()
    {
        var help = new CommandLine().Root.Description!;

        Assert.All(KubeTemplaterOptions.Numbers, number => Assert.Contains(number.Name.PadRight(29) + $"{number.Default} [{number.Least}..{number.Most}]".TrimStart(), help, StringComparison.Ordinal));
        Assert.All(["OPERATOR_NAMESPACE", "WATCH_NAMESPACES"], name => Assert.Contains(name, help, StringComparison.Ordinal));
    }

    private static KubeTemplaterOptions Read(params (string Name, string Value)[] variables) =>
        KubeTemplaterOptions.FromEnvironment(variables.ToDictionary(variable => variable.Name, variable => variable.Value).GetValueOrDefault);

    private static KubeTemplaterOptions Flags(params string[] arguments)
    {
        var command = new CommandLine();
        var parsed = command.Root.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return command.Read(parsed);
    }
}
