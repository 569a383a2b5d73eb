using System.Text;
using Capstan.Client;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

public sealed class KubeConfigTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void All_fields_are_read_with_files_relative_to_the_kubeconfig()
    {
        Write("pki/ca.crt", "the authority");
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes("the key"));
        var path = Write("config", $$"""
            apiVersion: v1
            kind: Config
            current-context: other
            clusters:
            - name: c
              cluster: {server: "https://127.0.0.1:6443/prefix/", certificate-authority: pki/ca.crt, tls-server-name: kubernetes, proxy-url: "http://127.0.0.1:3128", extensions: [{name: other, extension: 7}, {name: client.authentication.k8s.io/exec, extension: {audience: x} }] }
            users:
            - name: u
              user:
                client-certificate-data: {{data}}
                client-key-data: {{data}}
                tokenFile: token
                as: jane
                as-uid: "7"
                as-groups: [a, b]
                as-user-extra: {scopes: [x, z]}
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: ./bin/plugin
                  args: [--x, "1"]
                  env: [{name: A, value: B}]
                  provideClusterInfo: true
                  installHint: install it
            contexts:
            - name: mine
              context: {cluster: c, user: u, namespace: ns}
            """);
        var config = KubeConfig.Load(path, "mine");
        Assert.Equal("https://127.0.0.1:6443/prefix/", config.Server.AbsoluteUri);
        Assert.Equal(("the authority", "kubernetes", "ns"), (config.CertificateAuthority, config.TlsServerName, config.Namespace));
        Assert.Equal(("the key", "the key", Path.Combine(_directory, "token")), (config.ClientCertificate, config.ClientKey, config.TokenFile));
        Assert.Equal(("jane", "7", "a,b", "x,z"), (config.Impersonate!.User, config.Impersonate.Uid, string.Join(",", config.Impersonate.Groups), string.Join(",", config.Impersonate.Extra["scopes"])));
        Assert.Equal(Path.Combine(_directory, "pki/ca.crt"), config.CertificateAuthorityFile);
        Assert.Null(config.ClientCertificateFile);
        Assert.Equal("""{"audience":"x"}""", config.Exec!.ClusterConfig);
        Assert.Equal((Path.Combine(_directory, "bin/plugin"), "--x,1", "B", true), (config.Exec!.Command, string.Join(",", config.Exec.Args), config.Exec.Environment["A"], config.Exec.ProvideClusterInfo));
        Assert.Equal(new Uri("http://127.0.0.1:3128"), config.ProxyUrl);
    }

    [Fact]
    public void Of_several_files_the_first_that_says_it_wins_and_missing_ones_do_not_matter()
    {
        var first = Write("first", """
            current-context: x
            clusters: [{name: c, cluster: {server: "https://first"}}]
            """);
        var second = Write("sub/second", """
            current-context: y
            clusters: [{name: c, cluster: {server: "https://second"}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            users: [{name: u, user: {tokenFile: t}}]
            """);
        var config = KubeConfigFile.Load([Path.Combine(_directory, "none"), first, second], mustExist: false, null);
        Assert.Equal("https://first/", config.Server.AbsoluteUri);
        Assert.Equal(Path.Combine(_directory, "sub/t"), config.TokenFile);
    }

    [Theory]
    [InlineData("a: [", "config:2:1")]
    [InlineData("[]", "config: must be an object")]
    [InlineData("{}", "current-context: not set")]
    [InlineData("current-context: x", "there is no context 'x'")]
    [InlineData("{current-context: x, contexts: [{name: x}]}", "contexts[x].context.cluster: missing")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}]}", "contexts[x].context.cluster: there is no cluster 'c'")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}]}", "contexts[x].context.user: there is no user 'u'")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c}]}", "clusters[c].cluster.server: missing")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 7}}]}", "clusters[c].cluster.server: must be a string")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'ftp://h'}}]}", "clusters[c].cluster.server: 'ftp://h' is not an address")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'http://h', insecure-skip-tls-verify: perhaps}}]}", "insecure-skip-tls-verify: must be true or false")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'http://h', certificate-authority: nowhere}}]}", "clusters[c].cluster.certificate-authority: ")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c}}], clusters: [{name: c, cluster: {server: 'http://h', certificate-authority-data: '???'}}]}", "clusters[c].cluster.certificate-authority-data: ")]
    [InlineData("{clusters: {}}", "config: clusters: must be a list")]
    [InlineData("{clusters: [7]}", "config: clusters[0]: must be an object")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]}", "users[u].user.exec.command: missing")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {exec: {apiVersion: v9, command: x}}}]}", "users[u].user.exec.apiVersion: 'v9'")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {auth-provider: {name: gcp}}}]}", "users[u].user.auth-provider: ")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {token: a, password: b}}]}", "users[u].user: both a token and a user")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {as-groups: [a]}}]}", "users[u].user.as: missing")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {as: \"a\\nb: c\"}}]}", "users[u].user.as: impersonation: a line end")]
    [InlineData("{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'http://h'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}}]}", "interactiveMode: Always needs a terminal")]
    public void Errors_name_file_and_field(string yaml, string expected)
    {
        var path = Write("config", yaml);
        var error = Assert.Throws<KubeConfigException>(() => KubeConfig.Load(path));
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_of_several_files_is_that_of_the_first_even_where_a_later_one_says_more()
    {
        var first = Write("first", "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], users: [{name: u, user: {username: jane}}]}");
        var second = Write("second", "{clusters: [{name: c, cluster: {server: 'https://h'}}], users: [{name: u, user: {username: joe, password: secret}}]}");
        var config = KubeConfigFile.Load([first, second], mustExist: false, null);
        Assert.Equal(("jane", null), (config.Username, config.Password));
    }

    [Theory]
    [InlineData("server: 'h:6443', insecure-skip-tls-verify: true", "https://h:6443/")]
    [InlineData("server: 'h:6443'", "http://h:6443/")]
    [InlineData("server: 'http://h:6443', insecure-skip-tls-verify: true", "http://h:6443/")]
    [InlineData("server: 'https://h/k8s/clusters/c-1'", "https://h/k8s/clusters/c-1")]
    public void A_server_without_a_scheme_is_taken_as_client_go_takes_it(string cluster, string expected)
    {
        var path = Write("config", $"{{current-context: x, contexts: [{{name: x, context: {{cluster: c}}}}], clusters: [{{name: c, cluster: {{{cluster}}}}}]}}");
        Assert.Equal(expected, KubeConfig.Load(path).Server.AbsoluteUri);
    }

    [Fact]
    public void A_named_file_must_exist()
    {
        var path = Path.Combine(_directory, "none");
        Assert.Contains(path, Assert.Throws<KubeConfigException>(() => KubeConfig.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains(path, Assert.Throws<KubeConfigException>(() => KubeConfigFile.Load([path], mustExist: false, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_reads_its_service_account()
    {
        Write("token", "t");
        Write("ca.crt", "authority");
        Write("namespace", "ns\n");
        var config = InCluster.Read(_directory, "fd00::1", "443");
        Assert.Equal(("https://[fd00::1]/", "authority", "ns", Path.Combine(_directory, "token")), (config.Server.AbsoluteUri, config.CertificateAuthority, config.Namespace, config.TokenFile));
        Assert.Equal(Path.Combine(_directory, "ca.crt"), config.CertificateAuthorityFile);
        var error = Assert.Throws<KubeConfigException>(() => InCluster.Read(Path.Combine(_directory, "none"), "h", "1"));
        Assert.Contains("automountServiceAccountToken", error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
