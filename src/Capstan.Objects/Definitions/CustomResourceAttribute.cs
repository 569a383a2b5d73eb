namespace Capstan;

/// <summary>What the CustomResourceDefinition of a kind says beyond its <see cref="IKubeObject{TSelf}.Resource"/>. Without it, the defaults hold.</summary>
/// <remarks>A kind that has a property <c>Status</c> gets the subresource <c>status</c>. Types with one group and kind but different versions make one definition; conversion between them is <c>None</c>.</remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CustomResourceAttribute : Attribute
{
    /// <summary>Singular name. Default: the kind in lower case.</summary>
    public string? Singular { get; set; }

    /// <summary>Short names for kubectl.</summary>
    public string[] ShortNames { get; set; } = [];

    /// <summary>Groups of kinds such as <c>all</c>, which kubectl lists together.</summary>
    public string[] Categories { get; set; } = [];

    /// <summary>Whether this version is served. Default true.</summary>
    public bool Served { get; set; } = true;

    /// <summary>Whether objects are stored in this version. Default true; of several versions exactly one may say so.</summary>
    public bool Storage { get; set; } = true;

    /// <summary>Warning that clients of this version get. Default null: it is not deprecated. Empty: Kubernetes' own words.</summary>
    public string? DeprecationWarning { get; set; }
}

/// <summary>A column of <c>kubectl get</c>. Columns stand in the order of the attributes; <c>Age</c> is added where no column is of type <c>date</c> at <c>.metadata.creationTimestamp</c>.</summary>
/// <param name="name">Head of the column.</param>
/// <param name="jsonPath">What it shows, for example <c>.status.phase</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string jsonPath) : Attribute
{
    /// <summary>Head of the column.</summary>
    public string Name { get; } = name;

    /// <summary>What it shows.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary><c>string</c> (default), <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>date</c>.</summary>
    public string Type { get; set; } = "string";

    /// <summary>OpenAPI format, for example <c>int32</c>. Default none.</summary>
    public string? Format { get; set; }

    /// <summary>Text for clients that explain columns. Default none.</summary>
    public string? Description { get; set; }

    /// <summary>0 (default) is always shown, more only with <c>-o wide</c>.</summary>
    public int Priority { get; set; }
}

/// <summary>A field by which clients can select (<c>--field-selector</c>), and informers watch.</summary>
/// <param name="jsonPath">A text, integer or bool of the object, for example <c>.spec.image</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class SelectableFieldAttribute(string jsonPath) : Attribute
{
    /// <summary>The field.</summary>
    public string JsonPath { get; } = jsonPath;
}

/// <summary>The subresource <c>scale</c>, for <c>kubectl scale</c> and the HorizontalPodAutoscaler.</summary>
/// <param name="specReplicasPath">Integer that is wanted, for example <c>.spec.replicas</c>.</param>
/// <param name="statusReplicasPath">Integer that there is, for example <c>.status.replicas</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleAttribute(string specReplicasPath, string statusReplicasPath) : Attribute
{
    /// <summary>Integer that is wanted.</summary>
    public string SpecReplicasPath { get; } = specReplicasPath;

    /// <summary>Integer that there is.</summary>
    public string StatusReplicasPath { get; } = statusReplicasPath;

    /// <summary>Text of the pods' label selector, which the HorizontalPodAutoscaler needs. Default none.</summary>
    public string? LabelSelectorPath { get; set; }
}
