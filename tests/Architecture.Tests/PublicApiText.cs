using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Architecture.Tests;

/// <summary>The public surface of an assembly as text, one line a member, in an order that does not depend on the compiler.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(TypeName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(TypeName(type)).Append(Bases(type)).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetEnumNames();
        }

        var fields = type.GetFields(Declared).Where(f => (f.IsPublic || f.IsFamily) && !IsGenerated(f))
            .Select(f => $"{(f.IsLiteral ? "const " : f.IsStatic ? "static " : "")}{TypeName(f.FieldType)} {f.Name}");
        var constructors = type.GetConstructors(Declared).Where(c => !c.IsStatic && IsVisible(c)).Select(c => $"new({Parameters(c)})");
        var properties = type.GetProperties(Declared)
            .Where(p => p.GetAccessors(true).Any(IsVisible))
            .Select(p => $"{Modifiers(p.GetAccessors(true).First(IsVisible))}{TypeName(p.PropertyType)} {p.Name}{Indexes(p)} {{{Accessors(p)} }}");
        var methods = type.GetMethods(Declared).Where(m => IsVisible(m) && !m.IsSpecialName && !IsGenerated(m))
            .Select(m => $"{Modifiers(m)}{TypeName(m.ReturnType)} {m.Name}{Generics(m)}({Parameters(m)})");
        var operators = type.GetMethods(Declared).Where(m => m.IsPublic && m.Name.StartsWith("op_", StringComparison.Ordinal) && !IsGenerated(m))
            .Select(m => $"static {TypeName(m.ReturnType)} {m.Name}({Parameters(m)})");
        var events = type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod!)).Select(e => $"event {TypeName(e.EventHandlerType!)} {e.Name}");
        return fields.Concat(constructors).Concat(properties).Concat(methods).Concat(operators).Concat(events);
    }

    private static string Accessors(PropertyInfo property) => string.Concat(
        property.GetMethod is { } get && IsVisible(get) ? " get;" : "",
        property.SetMethod is { } set && IsVisible(set)
            ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "");

    private static string Indexes(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } indexes ? $"[{string.Join(", ", indexes.Select(i => TypeName(i.ParameterType)))}]" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{TypeName(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? method.IsAbstract ? "static abstract " : "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && !method.IsFinal ? method.GetBaseDefinition() == method ? "virtual " : "override "
        : "";

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : typeof(MulticastDelegate).IsAssignableFrom(type) ? "delegate"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Bases(Type type)
    {
        if (type.IsEnum || typeof(MulticastDelegate).IsAssignableFrom(type))
        {
            return "";
        }

        var bases = type.GetInterfaces().Where(i => i.IsPublic && !(type.BaseType?.GetInterfaces().Contains(i) ?? false)).Select(TypeName).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Insert(0, TypeName(parent));
        }

        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    private static string TypeName(Type type)
    {
        if (type.IsByRef)
        {
            return $"ref {TypeName(type.GetElementType()!)}";
        }

        if (type.IsArray)
        {
            return $"{TypeName(type.GetElementType()!)}[]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{TypeName(underlying)}?";
        }

        var name = type.IsNested ? $"{TypeName(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}";
        name = name.Split('`')[0];
        var arguments = type.GetGenericArguments();
        return arguments.Length == 0 ? name : $"{name}<{string.Join(", ", arguments.Select(TypeName))}>";
    }

    private static bool IsVisible(MethodBase method) => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !IsGenerated(method);

    // What a record or an async method brings along says nothing that its declaration does not.
    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal)
        || (member.IsDefined(typeof(CompilerGeneratedAttribute), false) && member is MethodInfo { IsSpecialName: false } or ConstructorInfo)
        || member.Name is "EqualityContract" or "PrintMembers";
}
