namespace KubeTemplater.Tests;

public class KubeTemplaterOptionsTests
{
    [Fact]
    public void Defaults_are_the_Go_operators() =>
        Assert.Equal(new KubeTemplaterOptions(), KubeTemplaterOptions.FromEnvironment(_ => null));

    [Fact]
    public void Values_are_read()
    {
        var variables = new Dictionary<string, string>
        {
            ["OPERATOR_NAMESPACE"] = "ops", ["NUM_WORKERS"] = "8", ["QUEUE_INITIAL_RETRY_DELAY"] = "2", ["QUEUE_MAX_RETRY_DELAY"] = "120",
        };

        var options = KubeTemplaterOptions.FromEnvironment(variables.GetValueOrDefault);

        Assert.Equal(("ops", 8, 2d, 120d), (options.OperatorNamespace, options.Workers, options.InitialRetryDelay.TotalSeconds, options.MaxRetryDelay.TotalSeconds));
    }

    [Theory]
    [InlineData("NUM_WORKERS", "0", "NUM_WORKERS=0: must be a whole number from 1 to 1000")]
    [InlineData("NUM_WORKERS", "many", "NUM_WORKERS=many: must be a whole number from 1 to 1000")]
    [InlineData("NUM_WORKERS", "3.5", "NUM_WORKERS=3.5: must be a whole number from 1 to 1000")]
    [InlineData("QUEUE_MAX_RETRY_DELAY", "59", "QUEUE_MAX_RETRY_DELAY=59: must be a whole number from 60 to 86400")]
    [InlineData("QUEUE_INITIAL_RETRY_DELAY", "-1", "QUEUE_INITIAL_RETRY_DELAY=-1: must be a whole number from 1 to 3600")]
    public void A_value_out_of_range_is_an_error_that_names_variable_value_and_range(string name, string value, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => KubeTemplaterOptions.FromEnvironment(n => n == name ? value : null)).Message);

    [Fact]
    public void Metrics_are_off_and_secure_unless_flags_say_otherwise()
    {
        var defaults = Read();
        Assert.Equal(("0", true, null), (defaults.MetricsBindAddress, defaults.MetricsSecure, defaults.MetricsCertificate));
        var given = Read("--metrics-bind-address", ":8443", "--metrics-cert-path", "/certs", "--metrics-cert-name", "a.crt", "--metrics-cert-key", "a.key");
        Assert.Equal((":8443", true), (given.MetricsBindAddress, given.MetricsSecure));
        Assert.Equal(new() { Directory = "/certs", CertificateFile = "a.crt", KeyFile = "a.key" }, given.MetricsCertificate);
        Assert.False(Read("--metrics-bind-address", ":8080", "--metrics-secure=false").MetricsSecure);

        static KubeTemplaterOptions Read(params string[] arguments)
        {
            var command = new CommandLine();
            var parsed = command.Root.Parse(arguments);
            Assert.Empty(parsed.Errors);
            return command.Read(parsed);
        }
    }
}
