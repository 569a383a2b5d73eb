using System.Text.Json.Nodes;

namespace Recordings.Tests.Sequences;

/// <summary>A kind that sequences write to: of each group of pieces an object has one or none, so that managers meet on the same fields.</summary>
/// <param name="Name">For people.</param>
/// <param name="Resource">Path of the kind, between the version's path and the namespace: <c>/api/v1</c> and <c>configmaps</c>.</param>
/// <param name="Head">What every object has.</param>
/// <param name="Required">What an object must have to be valid as a whole.</param>
/// <param name="Groups">Alternatives of which at most one is in an object.</param>
/// <param name="Merges">Pieces of merge patches alone.</param>
/// <param name="Directives">Pieces of strategic merge patches alone; empty for custom resources, which have none.</param>
/// <param name="Operations">Operations of JSON patches.</param>
internal sealed record SequenceKind(
    string Name, (string Version, string Plural) Resource, string Head, string Required, string[][] Groups, string[] Merges, string[] Directives, string[] Operations)
{
    public const string Group = "sequences-ID.capstan.dev";

    /// <summary>What is written to subresources: the subresource and a merge patch of it.</summary>
    public (string Subresource, string Body)[] Parts { get; init; } = [];

    /// <summary>Whether a controller of the cluster writes to objects of the kind too.</summary>
    public bool IsControlled => Name == "Deployment";

    /// <summary>Whether the kind counts changes of its specification.</summary>
    public bool HasGeneration => Name is "Deployment" or "Thing" or "CronJob" or "Ingress";

    private static readonly string[][] Metadata =
    [
        ["""{"metadata":{"labels":{"x":"1"}}}""", """{"metadata":{"labels":{"x":"2"}}}"""],
        ["""{"metadata":{"labels":{"y":"1"}}}""", """{"metadata":{"labels":{"y":""}}}"""],
        ["""{"metadata":{"annotations":{"n":"1"}}}""", """{"metadata":{"annotations":{"n":"two"}}}"""],
        ["""{"metadata":{"finalizers":["t.dev/a"]}}""", """{"metadata":{"finalizers":["t.dev/b"]}}""", """{"metadata":{"finalizers":["t.dev/b","t.dev/a"]}}"""],
    ];

    private static readonly string[] MetadataMerges =
    [
        """{"metadata":{"labels":null}}""", """{"metadata":{"labels":{"x":null}}}""", """{"metadata":{"annotations":{"n":null,"m":"3"}}}""", """{"metadata":{"finalizers":null}}""", """{"metadata":{"finalizers":[]}}""",
    ];

    private static readonly string[] MetadataDirectives =
    [
        """{"metadata":{"labels":{"$patch":"replace","z":"1"}}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["t.dev/a"]}}""", """{"metadata":{"annotations":{"$patch":"delete"}}}""",
        """{"metadata":{"$setElementOrder/finalizers":["t.dev/a","t.dev/b"],"finalizers":["t.dev/a"]}}""",
    ];

    private static readonly string[] MetadataOperations =
    [
        """{"op":"add","path":"/metadata/labels","value":{"x":"3"}}""", """{"op":"add","path":"/metadata/labels/x","value":"4"}""", """{"op":"remove","path":"/metadata/labels/x"}""",
        """{"op":"test","path":"/metadata/labels/x","value":"1"}""", """{"op":"replace","path":"/metadata/finalizers","value":["t.dev/b"]}""", """{"op":"remove","path":"/metadata/finalizers"}""",
        """{"op":"add","path":"/metadata/annotations","value":{}}""",
    ];

    public static readonly IReadOnlyList<SequenceKind> All =
    [
        new("ConfigMap", ("/api/v1", "configmaps"), """{"apiVersion":"v1","kind":"ConfigMap"}""", "{}",
            [
                .. Metadata,
                ["""{"data":{"a":"1"}}""", """{"data":{"a":"2"}}""", """{"data":{"a":""}}"""],
                ["""{"data":{"b":"1"}}""", """{"data":{"b":"2"}}"""],
                ["""{"data":{"c.d":"1"}}"""],
                ["""{"binaryData":{"z":"AAEC"}}""", """{"binaryData":{"z":""}}""", """{"binaryData":{"a":"AA=="}}"""],
            ],
            [.. MetadataMerges, """{"data":null}""", """{"data":{"a":null}}""", """{"data":{"a":null,"e":"5"}}"""],
            [.. MetadataDirectives, """{"data":{"$patch":"replace","b":"7"}}""", """{"data":{"$retainKeys":["a"],"a":"9"}}"""],
            [.. MetadataOperations, """{"op":"add","path":"/data/a","value":"8"}""", """{"op":"remove","path":"/data"}""", """{"op":"move","from":"/data/a","path":"/data/b"}""", """{"op":"copy","from":"/data/b","path":"/data/f"}"""]),
        new("Service", ("/api/v1", "services"), """{"apiVersion":"v1","kind":"Service"}""", """{"spec":{"ports":[{"name":"base","port":79}]}}""",
            [
                .. Metadata,
                ["""{"spec":{"selector":{"app":"a"}}}""", """{"spec":{"selector":{"app":"b","tier":"c"}}}"""],
                ["""{"spec":{"ports":[{"name":"one","port":80}]}}""", """{"spec":{"ports":[{"name":"one","port":80,"protocol":"TCP","targetPort":8080}]}}""", """{"spec":{"ports":[{"name":"one","port":80,"protocol":"UDP","targetPort":"web"}]}}"""],
                ["""{"spec":{"ports":[{"name":"two","port":81,"appProtocol":"http"}]}}""", """{"spec":{"ports":[{"name":"renamed","port":81,"protocol":"TCP"}]}}"""],
                ["""{"spec":{"sessionAffinity":"ClientIP"}}""", """{"spec":{"sessionAffinity":"None"}}""", """{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":50}}}}"""],
                ["""{"spec":{"publishNotReadyAddresses":true}}"""],
                ["""{"spec":{"internalTrafficPolicy":"Local"}}""", """{"spec":{"internalTrafficPolicy":"Cluster"}}"""],
            ],
            [.. MetadataMerges, """{"spec":{"selector":null}}""", """{"spec":{"selector":{"app":null}}}""", """{"spec":{"sessionAffinity":null}}""", """{"spec":{"ports":[{"name":"base","port":79}]}}"""],
            [.. MetadataDirectives, """{"spec":{"ports":[{"port":80,"$patch":"delete"}]}}""", """{"spec":{"ports":[{"port":81,"name":"two"}],"$setElementOrder/ports":[{"port":81},{"port":79}]}}"""],
            [.. MetadataOperations, """{"op":"replace","path":"/spec/ports/0/targetPort","value":99}""", """{"op":"add","path":"/spec/ports/-","value":{"name":"last","port":90}}""", """{"op":"remove","path":"/spec/ports/1"}""", """{"op":"add","path":"/spec/selector","value":{"q":"r"}}"""])
        {
            Parts = [("status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"""), ("status", """{"status":{"conditions":[{"type":"T.dev/x","status":"True","reason":"R","message":"","lastTransitionTime":"2020-01-01T00:00:00Z"}]}}"""), ("status", """{"metadata":{"labels":{"x":"1"}},"spec":{"selector":{"no":"no"}}}""")],
        },
        // Paused, so that its controller has nothing to do.
        new("Deployment", ("/apis/apps/v1", "deployments"), """{"apiVersion":"apps/v1","kind":"Deployment"}""",
            """{"spec":{"paused":true,"replicas":0,"selector":{"matchLabels":{"app":"o"}},"template":{"metadata":{"labels":{"app":"o"}},"spec":{"containers":[{"name":"base","image":"i:0"}]}}}}""",
            [
                .. Metadata,
                ["""{"spec":{"minReadySeconds":1}}""", """{"spec":{"minReadySeconds":2}}""", """{"spec":{"minReadySeconds":0}}"""],
                ["""{"spec":{"revisionHistoryLimit":3}}"""],
                ["""{"spec":{"strategy":{"type":"Recreate"}}}""", """{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}"""],
                ["""{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:1"}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:2","args":["a","b"]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:1","env":[{"name":"E","value":"1"},{"name":"F","value":"2"}]}]}}}}"""],
                ["""{"spec":{"template":{"spec":{"containers":[{"name":"y","image":"i:1","ports":[{"containerPort":80}]}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"y","image":"i:3","ports":[{"containerPort":80,"protocol":"UDP"},{"containerPort":81,"name":"m"}]}]}}}}"""],
                ["""{"spec":{"template":{"spec":{"tolerations":[{"key":"k","operator":"Exists"}]}}}}""", """{"spec":{"template":{"spec":{"tolerations":[{"key":"l"}]}}}}"""],
                ["""{"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}}""", """{"spec":{"template":{"spec":{"nodeSelector":{"c":"d"}}}}}"""],
                ["""{"spec":{"template":{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}}}""", """{"spec":{"template":{"spec":{"volumes":[{"name":"v","configMap":{"name":"c"}}]}}}}"""],
            ],
            [.. MetadataMerges, """{"spec":{"minReadySeconds":null}}""", """{"spec":{"template":{"spec":{"tolerations":null}}}}""", """{"spec":{"template":{"spec":{"nodeSelector":{"a":null}}}}}"""],
            [.. MetadataDirectives, """{"spec":{"template":{"spec":{"containers":[{"name":"x","$patch":"delete"}]}}}}""", """{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:7"}],"$setElementOrder/containers":[{"name":"x"},{"name":"base"}]}}}}""", """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"""],
            [.. MetadataOperations, """{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"i:8"}""", """{"op":"add","path":"/spec/minReadySeconds","value":5}""", """{"op":"remove","path":"/spec/template/spec/containers/1"}"""])
        {
            Parts = [("scale", """{"spec":{"replicas":0}}"""), ("scale", """{"spec":{"replicas":-1}}"""), ("scale", """{"metadata":{"labels":{"x":"1"}},"spec":{"replicas":0}}""")],
        },
        new("Thing", ($"/apis/{Group}/v1", "things"), $$"""{"apiVersion":"{{Group}}/v1","kind":"Thing"}""", """{"spec":{"size":1}}""",
            [
                .. Metadata,
                ["""{"spec":{"size":1}}""", """{"spec":{"size":2}}""", """{"spec":{"size":0}}"""],
                ["""{"spec":{"text":"a"}}""", """{"spec":{"text":null}}"""],
                ["""{"spec":{"whole":{"a":1}}}""", """{"spec":{"whole":{"b":2,"c":{"d":3}}}}"""],
                ["""{"spec":{"apart":{"a":"1"}}}""", """{"spec":{"apart":{"a":"2","b":"3"}}}"""],
                ["""{"spec":{"keyed":[{"key":"k","value":1}]}}""", """{"spec":{"keyed":[{"key":"k","value":2,"more":{"deep":true}}]}}"""],
                ["""{"spec":{"keyed":[{"key":"l"}]}}""", """{"spec":{"keyed":[{"key":"l","value":9},{"key":"m","value":1}]}}"""],
                ["""{"spec":{"set":["a"]}}""", """{"spec":{"set":["b","c"]}}"""],
                ["""{"spec":{"set":["d"]}}"""],
                ["""{"spec":{"list":[1,2]}}""", """{"spec":{"list":[2,1,2]}}"""],
                ["""{"spec":{"free":{"any":[{"x":1}],"other":{"y":"z"}}}}""", """{"spec":{"free":{"any":3}}}"""],
                ["""{"spec":{"unknown":1}}"""],
                ["""{"spec":{"mixed":5}}""", """{"spec":{"mixed":"5%"}}""", """{"spec":{"mixed":true}}"""],
                ["""{"spec":{"deep":{"level":{"x":"2"}}}}""", """{"spec":{"deep":{"level":null}}}""", """{"spec":{"deep":{"level":{"y":null}}}}"""],
                ["""{"spec":{"pairs":[{"host":"h","labels":{"a":"1"}}]}}""", """{"spec":{"pairs":[{"host":"h","port":81,"names":["n"]},{"host":"h","port":80,"names":["n","m"]}]}}"""],
                ["""{"spec":{"pairs":[{"host":"i","labels":{"a":"2","b":"3"},"names":["o"]}]}}"""],
                ["""{"spec":{"replicas":1}}""", """{"spec":{"replicas":2}}"""],
                ["""{"status":{"phase":"ignored"}}"""],
            ],
            [.. MetadataMerges, """{"spec":{"text":null}}""", """{"spec":{"apart":{"a":null}}}""", """{"spec":{"whole":null}}""", """{"spec":{"keyed":[{"key":"k","value":1},{"key":"k"}]}}""", """{"spec":{"size":null}}"""],
            [],
            [.. MetadataOperations, """{"op":"add","path":"/spec/set","value":["z"]}""", """{"op":"add","path":"/spec/keyed/-","value":{"key":"n"}}""", """{"op":"remove","path":"/spec/keyed/0"}""", """{"op":"add","path":"/spec/list/-","value":4}""", """{"op":"add","path":"/spec/whole/e","value":5}"""])
        {
            Parts =
            [
                ("status", """{"status":{"phase":"a"}}"""), ("status", """{"status":{"phase":"b","seen":[{"type":"A","note":"n"}]}}"""), ("status", """{"status":{"seen":[{"type":"A","note":"m"},{"type":"B"}]}}"""), ("status", """{"status":{"phase":5}}"""),
                ("status", """{"metadata":{"labels":{"x":"1"},"annotations":{"n":"9"}},"spec":{"size":3},"status":{"phase":"c"}}"""), ("status", """{"status":null}"""), ("status", """{"status":{"unknown":1}}"""),
                ("scale", """{"spec":{"replicas":2}}"""), ("scale", """{"spec":{"replicas":0}}"""), ("scale", """{"spec":{"replicas":9}}"""),
            ],
        },
        new("Secret", ("/api/v1", "secrets"), """{"apiVersion":"v1","kind":"Secret"}""", "{}",
            [
                .. Metadata,
                ["""{"data":{"a":"AQ=="}}""", """{"data":{"a":"Ag=="}}""", """{"data":{"a":""}}""", """{"data":{"a":"?"}}"""],
                ["""{"stringData":{"a":"one"}}""", """{"stringData":{"b":"two"}}""", """{"stringData":{"b":"three","c":""}}"""],
                ["""{"type":"Opaque"}""", """{"type":"t.dev/x"}"""],
                ["""{"immutable":false}""", """{"immutable":false}""", """{"immutable":true}"""],
            ],
            [.. MetadataMerges, """{"data":null}""", """{"data":{"a":null}}""", """{"stringData":{"a":null}}""", """{"stringData":null}""", """{"immutable":null}""", """{"type":null}"""],
            [.. MetadataDirectives, """{"data":{"$patch":"replace","b":"Bw=="}}""", """{"stringData":{"$retainKeys":["a"],"a":"9"}}"""],
            [.. MetadataOperations, """{"op":"add","path":"/data/a","value":"CA=="}""", """{"op":"remove","path":"/data"}""", """{"op":"add","path":"/stringData","value":{"z":"z"}}""", """{"op":"test","path":"/type","value":"Opaque"}"""]),
        // Suspended, so that its controller has nothing to do.
        new("CronJob", ("/apis/batch/v1", "cronjobs"), """{"apiVersion":"batch/v1","kind":"CronJob"}""",
            """{"spec":{"suspend":true,"schedule":"0 0 1 1 *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"base","image":"i:0"}]}}}}}}""",
            [
                .. Metadata,
                ["""{"spec":{"schedule":"1 0 1 1 *"}}""", """{"spec":{"schedule":"odd"}}""", """{"spec":{"schedule":"@yearly","timeZone":"Etc/UTC"}}"""],
                ["""{"spec":{"concurrencyPolicy":"Forbid"}}""", """{"spec":{"concurrencyPolicy":"Odd"}}"""],
                ["""{"spec":{"startingDeadlineSeconds":5}}""", """{"spec":{"startingDeadlineSeconds":-5}}"""],
                ["""{"spec":{"successfulJobsHistoryLimit":0}}""", """{"spec":{"failedJobsHistoryLimit":4}}"""],
                ["""{"spec":{"jobTemplate":{"spec":{"backoffLimit":2,"completions":3,"parallelism":2}}}}""", """{"spec":{"jobTemplate":{"spec":{"completionMode":"Indexed","completions":2}}}}"""],
                ["""{"spec":{"jobTemplate":{"metadata":{"labels":{"j":"1"}},"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:1","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}}}}}""", """{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"i:2","volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","secret":{"secretName":"s"}}]}}}}}}"""],
            ],
            [.. MetadataMerges, """{"spec":{"concurrencyPolicy":null}}""", """{"spec":{"startingDeadlineSeconds":null}}""", """{"spec":{"unknown":1}}""", """{"spec":{"suspend":"x"}}"""],
            [.. MetadataDirectives, """{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"x","$patch":"delete"}]}}}}}}""", """{"spec":{"jobTemplate":{"metadata":{"$patch":"replace"}}}}"""],
            [.. MetadataOperations, """{"op":"replace","path":"/spec/schedule","value":"2 0 1 1 *"}""", """{"op":"add","path":"/spec/jobTemplate/spec/activeDeadlineSeconds","value":7}""", """{"op":"remove","path":"/spec/timeZone"}"""]),
        new("Ingress", ("/apis/networking.k8s.io/v1", "ingresses"), """{"apiVersion":"networking.k8s.io/v1","kind":"Ingress"}""", """{"spec":{"defaultBackend":{"service":{"name":"base","port":{"number":79}}}}}""",
            [
                .. Metadata,
                ["""{"spec":{"ingressClassName":"a"}}""", """{"spec":{"ingressClassName":"B_"}}"""],
                ["""{"spec":{"rules":[{"host":"a.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}}""", """{"spec":{"rules":[{"host":"*.b.example","http":{"paths":[{"path":"x","pathType":"Exact","backend":{"service":{"name":"s","port":{"name":"h"}}}}]}}]}}""", """{"spec":{"rules":[{"host":"c.example"}]}}"""],
                ["""{"spec":{"tls":[{"hosts":["a.example"],"secretName":"t"}]}}""", """{"spec":{"tls":[{"hosts":["A"],"secretName":""}]}}"""],
                ["""{"spec":{"defaultBackend":{"service":{"name":"other","port":{"name":"p"}}}}}""", """{"spec":{"defaultBackend":{"resource":{"kind":"K","name":"n","apiGroup":"g.dev"}}}}"""],
            ],
            [.. MetadataMerges, """{"spec":{"rules":null}}""", """{"spec":{"tls":[]}}""", """{"spec":{"defaultBackend":{"service":null,"resource":{"kind":"K","name":"n"}}}}""", """{"spec":{"defaultBackend":{"service":{"port":{"number":1,"name":null}}}}}"""],
            [.. MetadataDirectives, """{"spec":{"tls":[{"$patch":"replace"},{"secretName":"q"}]}}""", """{"spec":{"defaultBackend":{"$patch":"replace","service":{"name":"z","port":{"number":3}}}}}"""],
            [.. MetadataOperations, """{"op":"add","path":"/spec/ingressClassName","value":"c"}""", """{"op":"remove","path":"/spec/rules/0"}""", """{"op":"replace","path":"/spec/defaultBackend/service/name","value":"y"}"""])
        {
            Parts = [("status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"h.example","ports":[{"port":80,"protocol":"TCP"}]}]}}}"""), ("status", """{"status":{"loadBalancer":{"ingress":[{"ip":"odd"}]}}}"""), ("status", """{"status":null}""")],
        },
    ];

    /// <summary>What defines the kind of one's own.</summary>
    public static JsonObject Definition(string id) => JsonNode.Parse("""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.GROUP"},"spec":{"group":"GROUP","scope":"Namespaced",
        "names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},"schema":{"openAPIV3Schema":{"type":"object","properties":{
        "spec":{"type":"object","required":["size"],"properties":{
          "size":{"type":"integer","minimum":0,"maximum":5},"replicas":{"type":"integer","maximum":5},"mixed":{"x-kubernetes-int-or-string":true},
          "deep":{"type":"object","default":{},"properties":{"level":{"type":"object","default":{"x":"1"},"properties":{"x":{"type":"string"},"y":{"type":"integer","default":4,"nullable":true}}}}},
          "pairs":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["host","port"],"items":{"type":"object","required":["host"],"properties":{
            "host":{"type":"string"},"port":{"type":"integer","default":80},"labels":{"type":"object","additionalProperties":{"type":"string"}},"names":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}}},
          "text":{"type":"string","nullable":true},"colour":{"type":"string","default":"red"},
          "whole":{"type":"object","x-kubernetes-map-type":"atomic","x-kubernetes-preserve-unknown-fields":true},
          "apart":{"type":"object","additionalProperties":{"type":"string"}},
          "keyed":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["key"],"items":{"type":"object","required":["key"],"properties":{
            "key":{"type":"string"},"value":{"type":"integer","default":7},"more":{"type":"object","properties":{"deep":{"type":"boolean"}}}}}},
          "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "list":{"type":"array","items":{"type":"integer"}},
          "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
        "status":{"type":"object","properties":{"replicas":{"type":"integer"},"phase":{"type":"string"},"seen":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],"items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"},"note":{"type":"string"}}}}}}}}}}]}}
        """.Replace("GROUP", Group.Replace("ID", id, StringComparison.Ordinal), StringComparison.Ordinal))!.AsObject();
}
