using System.Reflection;
using System.Reflection.Emit;

namespace Architecture.Tests;

/// <summary>All types that a type mentions: in its signatures, and in the code of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> _opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    public static IEnumerable<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(type.BaseType);
        foreach (var implemented in type.GetInterfaces())
        {
            Add(implemented);
        }

        foreach (var field in type.GetFields(Declared))
        {
            Add(field.FieldType);
        }

        foreach (var method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            Add((method as MethodInfo)?.ReturnType);
            foreach (var parameter in method.GetParameters())
            {
                Add(parameter.ParameterType);
            }

            foreach (var member in Mentioned(method))
            {
                Add(member as Type ?? member.DeclaringType);
                Add((member as MethodInfo)?.ReturnType);
                Add((member as FieldInfo)?.FieldType);
                foreach (var argument in (member as MethodInfo)?.GetGenericArguments() ?? [])
                {
                    Add(argument);
                }
            }
        }

        return found;

        void Add(Type? mentioned)
        {
            while (mentioned?.HasElementType == true)
            {
                mentioned = mentioned.GetElementType();
            }

            if (mentioned is null || mentioned.IsGenericParameter)
            {
                return;
            }

            foreach (var argument in mentioned.GetGenericArguments())
            {
                Add(argument);
            }

            while (mentioned.IsNested)
            {
                mentioned = mentioned.DeclaringType!;
            }

            found.Add(mentioned.IsGenericType ? mentioned.GetGenericTypeDefinition() : mentioned);
        }
    }

    private static IEnumerable<MemberInfo> Mentioned(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            short code = il[at++];
            if (code == 0xFE)
            {
                code = (short)((0xFE << 8) | il[at++]);
            }

            var opCode = _opCodes[code];
            if (opCode.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok
                && Resolve(BitConverter.ToInt32(il, at)) is { } member)
            {
                yield return member;
            }

            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                _ => 4,
            };
        }

        MemberInfo? Resolve(int token) => method.Module.ResolveMember(token, typeArguments, methodArguments);
    }
}
