namespace EndToEnd.Tests.Commands;

/// <summary>Manifests that several tests write.</summary>
internal static class Manifests
{
    public static string ConfigMap(string name, string mode, string? label = null) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{name}}, labels: {app: {{label ?? name}}} }
        data: {mode: {{mode}}}
        ---

        """;

    public static string Deployment(string name, int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}} }
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: {{name}} } }
          template:
            metadata: {labels: {app: {{name}} } }
            spec:
              containers:
              - {name: web, image: "registry.local/web:1.0"}
              - {name: sidecar, image: "registry.local/sidecar:1.0"}
        """;

    /// <summary>A kind with everything that this first form of the server knows of custom resources.</summary>
    public const string Widgets = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.e2e.example.com}
        spec:
          group: e2e.example.com
          scope: Namespaced
          names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Phase, type: string, jsonPath: .status.phase}
            - {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
            schema:
              openAPIV3Schema:
                type: object
                description: A widget is what these tests make.
                required: [spec]
                properties:
                  spec:
                    type: object
                    required: [size]
                    description: What the widget should be.
                    properties:
                      size: {type: integer, minimum: 1, description: How large it is.}
                      colour: {type: string, enum: [red, green], default: green}
                  status:
                    type: object
                    properties:
                      phase: {type: string}
                      conditions:
                        type: array
                        items:
                          type: object
                          properties: {type: {type: string}, status: {type: string}}
        """;

    public static string Widget(string name, string spec) => $$"""
        apiVersion: e2e.example.com/v1
        kind: Widget
        metadata: {name: {{name}} }
        spec: {{spec}}
        """;
}
