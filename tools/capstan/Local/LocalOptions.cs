using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Local;

/// <summary>What a person chose on the command line of <c>capstan local</c>.</summary>
internal sealed record LocalOptions
{
    /// <summary>Port of the API server on 127.0.0.1; 0 takes a free one.</summary>
    public required int Port { get; init; }

    /// <summary>Directory that keeps everything across restarts; null: memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where the kubeconfig is written.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>Whether sample manifests are applied once all is ready.</summary>
    public required bool Samples { get; init; }

    /// <summary>A manifest file, or a directory of them, to apply in place of the samples that come with the tool.</summary>
    public string? SamplesPath { get; init; }

    /// <summary>The operators that run.</summary>
    public required IReadOnlyList<LocalOperator> Operators { get; init; }

    /// <summary>Whether the API server asks them before it stores objects of their kinds.</summary>
    public required bool Admission { get; init; }

    /// <summary>What becomes of pods.</summary>
    public required PodMode Pods { get; init; }

    /// <summary>File with further images that pods may run; null: the built-in ones.</summary>
    public string? Images { get; init; }
}

/// <summary>What becomes of pods.</summary>
internal enum PodMode
{
    /// <summary>No node: they stay pending.</summary>
    None,

    /// <summary>They become ready by simulation.</summary>
    Simulate,

    /// <summary>Those of known images run as processes, the others by simulation.</summary>
    Process,
}
