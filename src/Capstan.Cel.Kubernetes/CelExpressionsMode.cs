namespace Capstan.Cel.Kubernetes;

/// <summary>Whose expressions an environment is for. Kubernetes refuses to store what the version before could not read, but reads what is stored.</summary>
public enum CelExpressionsMode
{
    /// <summary>Those that somebody writes now: functions of later versions are undeclared.</summary>
    New,

    /// <summary>Those that were stored, perhaps by a later version: all that any version has.</summary>
    Stored,
}
