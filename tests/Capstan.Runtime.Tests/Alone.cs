using Xunit;

namespace Capstan.Runtime.Tests;

/// <summary>Tests that measure the whole process, or kill the server of all: none runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
