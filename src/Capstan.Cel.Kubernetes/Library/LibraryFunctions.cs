using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>The shapes that most functions of the libraries have.</summary>
internal static class LibraryFunctions
{
    /// <summary>A function of one text.</summary>
    public static void OfText(this FunctionSet set, string name, Func<string, CelValue> function) =>
        set.Global(name, 1, a => a[0].Kind == CelKind.String ? function(a[0].String) : FunctionSet.NoOverload(name));

    /// <summary>A method without arguments of a library's own type.</summary>
    public static void Of<T>(this FunctionSet set, string name, Func<T, CelValue> function)
        where T : class, ICelObject =>
        set.Member(name, 0, a => a[0].As<T>() is { } target ? function(target) : FunctionSet.NoOverload(name));

    /// <summary>A method that takes another value of the same type.</summary>
    public static void OfTwo<T>(this FunctionSet set, string name, Func<T, T, CelValue> function)
        where T : class, ICelObject =>
        set.Member(name, 1, a => a[0].As<T>() is { } target && a[1].As<T>() is { } other ? function(target, other) : FunctionSet.NoOverload(name));

    /// <summary>The value of a library's own type; null when it is another.</summary>
    public static T? As<T>(this in CelValue value)
        where T : class, ICelObject =>
        value.Kind == CelKind.Object ? value.Object as T : null;

    /// <summary>Texts as a list.</summary>
    public static CelValue List(this IReadOnlyCollection<string> texts) => CelValue.Of(CelList.Of([.. texts.Select(CelValue.Of)]));
}
