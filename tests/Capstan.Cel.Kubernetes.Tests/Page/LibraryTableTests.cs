using Capstan.Cel.Tests;

namespace Capstan.Cel.Kubernetes.Tests.Page;

public sealed class LibraryTableTests
{
    private static readonly (string Owner, string Name, CelLibrary Library)[] Libraries =
    [
        .. typeof(CelLibraries).GetProperties().Select(p => (nameof(CelLibraries), p.Name, (CelLibrary)p.GetValue(null)!)),
        .. typeof(KubernetesLibraries).GetProperties().Select(p => (nameof(KubernetesLibraries), p.Name, (CelLibrary)p.GetValue(null)!)),
    ];

    [Fact]
    public void The_page_states_what_each_library_has_and_since_when_Kubernetes_has_it() => PageSection.Says("libraries",
    [
        "| library | what it has | in Kubernetes |",
        "|---|---|---|",
        .. Libraries.Select(l => $"| `{l.Owner}.{l.Name}` | {string.Join(' ', Names(l.Library))} | {Since(l.Library)} |"),
    ]);

    // Indexing is syntax, and names with an @ are not for people. The macros of a namespace do not have it in their names.
    private static IEnumerable<string> Names(CelLibrary library) => library.Declarations.Select(f => f.Name)
        .Concat(library.Macros.Select(m => library == CelLibraries.Math ? $"math.{m.Name}" : library == CelLibraries.Bindings ? $"cel.{m.Name}" : m.Name))
        .Where(name => !name.Contains('@') && !name.Contains('['))
        .Select(name => name.Trim('_'))
        .Distinct()
        .Order(StringComparer.Ordinal)
        .Select(name => $"`{name}`");

    private static string Since(CelLibrary library)
    {
        var since = Enumerable.Range(25, 12).Select(minor => (Minor: minor, Library: In(minor, library))).FirstOrDefault(v => v.Library is not null).Minor;
        if (since == 0)
        {
            return "no";
        }

        var missing = Names(library).Except(Names(In(36, library)!)).ToList();
        return (since == 25 ? "from the start" : $"1.{since}") + (missing.Count == 0 ? "" : $", without {string.Join(' ', missing)}");
    }

    private static CelLibrary? In(int minor, CelLibrary library) => KubernetesEnvironment.Of(1, minor).Libraries.FirstOrDefault(l => l.Name == library.Name);
}
