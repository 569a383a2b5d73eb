using System.Globalization;
using System.Text;

namespace Capstan.Runtime.Bench;

/// <summary>A watch event of about 4 kB as kube-apiserver writes it, with managedFields; name, uid, version and an index value are numbers to fill in.</summary>
internal static class PreparedEvent
{
    private const string Digits = "000000";
    private static readonly string Text = Write();
    private static readonly int[] Places = Find("@@@@@@");
    private static readonly int Version = Find("#######")[0];

    public static byte[] Bytes { get; } = Encoding.ASCII.GetBytes(Text.Replace("@@@@@@", Digits, StringComparison.Ordinal));

    public static int Length => Bytes.Length;

    public static void Number(Span<byte> bytes, int number, int versions)
    {
        Span<byte> digits = stackalloc byte[7];
        number.TryFormat(digits, out _, "D6", CultureInfo.InvariantCulture);
        foreach (var place in Places)
        {
            digits[..6].CopyTo(bytes[place..]);
        }

        (versions + number).TryFormat(digits, out _, "D7", CultureInfo.InvariantCulture);
        digits.CopyTo(bytes[Version..]);
    }

    private static int[] Find(string mark)
    {
        var found = new List<int>();
        for (var at = Text.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = Text.IndexOf(mark, at + 1, StringComparison.Ordinal))
        {
            found.Add(at);
        }

        return [.. found];
    }

    private static string Write()
    {
        var rules = string.Join(',', Enumerable.Range(0, 8).Select(i =>
            $$$"""{"name":"rule-{{{i}}}","match":{"path":"/shop/{{{i}}}/*","methods":["GET","POST"],"headers":{"x-team":"checkout","x-tier":"front"}},"backend":{"service":"shop-{{{i}}}","port":8080,"weight":{{{100 - i}}}},"timeoutSeconds":30}"""));
        var conditions = string.Join(',', new[] { "Ready", "Progressing", "Degraded", "Synced" }.Select(c =>
            $$$"""{"type":"{{{c}}}","status":"True","reason":"AsExpected","message":"the {{{c}}} check of the widget passed at its last run","observedGeneration":3,"lastTransitionTime":"2026-11-20T10:11:12Z"}"""));
        var fields = string.Concat(Enumerable.Range(0, 8).Select(i =>
            $$$"""","k:{\"name\":\"rule-{{{i}}}\"}":{".":{},"f:name":{},"f:match":{"f:path":{},"f:methods":{}},"f:backend":{}}""""));
        return """
            {"type":"ADDED","object":{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"annotations":{"example.com/checksum":"sha256-8f2a@@@@@@"},"creationTimestamp":"2026-11-20T10:11:12Z","generation":3,"labels":{"app.kubernetes.io/name":"widget","app.kubernetes.io/part-of":"shop","tier":"front"},"managedFields":[{"apiVersion":"example.com/v1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:tier":{}}},"f:spec":{"f:rules":{".":{}FIELDS}}},"manager":"kubectl","operation":"Update","time":"2026-11-20T10:11:12Z"}],"name":"widget-@@@@@@","namespace":"shop","resourceVersion":"#######","uid":"8b7e0d1c-5a4f-4c3b-9d2e-1f6a7b@@@@@@"},"spec":{"serial":"s-@@@@@@","replicas":3,"paused":false,"rules":[RULES]},"status":{"observedGeneration":3,"readyReplicas":3,"conditions":[CONDITIONS]}}}
            """.Replace("FIELDS", fields, StringComparison.Ordinal).Replace("RULES", rules, StringComparison.Ordinal).Replace("CONDITIONS", conditions, StringComparison.Ordinal) + "\n";
    }
}
