using System.Numerics;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Fields, keys, positions, and optional values.</summary>
internal static class RefAccess
{
    /// <summary>A field; through an optional, or where it is asked for, as an optional. Of what has no fields that is none where it is lenient.</summary>
    public static RefValue Field(RefValue container, string field, bool optional, bool lenient) => Opened(
        container,
        optional,
        (inner, asOptional) => inner is RefMap map ? Found(map.Find(new RefString(field)), asOptional)
            : asOptional && lenient && inner is not RefList ? new RefOptional(null)
            : RefValue.NoOverload("select"));

    /// <summary>What is at a key or a position; nobody asks for the key of nothing. Of what has no positions an optional one is none where it is lenient.</summary>
    public static RefValue Index(RefValue container, Func<RefValue> key, bool optional, bool lenient) => Opened(
        container,
        optional,
        (inner, asOptional) =>
        {
            var at = key();
            return at is RefError ? at
                : asOptional && lenient && inner is not (RefMap or RefList) ? new RefOptional(null)
                : Get(inner, at) is not RefError error ? Found(Get(inner, at), asOptional)
                : error;
        });

    public static RefValue Has(RefValue container, string field, bool lenient) => container switch
    {
        RefError => container,
        RefOptional { Value: null } => RefValue.False,
        RefOptional { Value: { } value } => Has(value, field, lenient),
        RefMap map => RefValue.Of(map.Find(new RefString(field)) is not null),
        _ => lenient && container is not RefList ? RefValue.False : RefValue.NoOverload("has"),
    };

    public static RefValue In(RefValue item, RefValue container) => container switch
    {
        RefList list => RefValue.Of(RefLists.Contains(list, item)),
        RefMap map => RefValue.Of(map.Find(item) is not null),
        _ => RefValue.NoOverload("in"),
    };

    public static RefValue Or(RefValue optional, Func<RefValue> other, bool unwrap)
    {
        // What is no optional is left as it is, as in cel-go.
        return optional is not RefOptional { Value: var value } ? optional
            : value is null ? other()
            : unwrap ? value
            : optional;
    }

    public static RefValue? Optionals(string function, RefValue[] a) => (function, a) switch
    {
        ("optional.none", []) => new RefOptional(null),
        ("optional.of", [var x]) => new RefOptional(x),
        ("optional.ofNonZeroValue", [var x]) => new RefOptional(IsZero(x) ? null : x),
        ("hasValue", [RefOptional x]) => RefValue.Of(x.Value is not null),
        ("value", [RefOptional x]) => x.Value ?? new RefError("optional.none() dereference"),
        _ => null,
    };

    // An optional is looked into once: what is in an optional in it has no fields.
    private static RefValue Opened(RefValue container, bool optional, Func<RefValue, bool, RefValue> select) => container switch
    {
        RefError or RefOptional { Value: null } => container,
        RefOptional { Value: { } inner } => select(inner, true),
        _ => select(container, optional),
    };

    private static RefValue Found(RefValue? found, bool optional) =>
        optional ? new RefOptional(found) : found ?? new RefError("no such key or position");

    // Null: it is not there. An error: nothing of the kind can be there.
    private static RefValue? Get(RefValue container, RefValue key) => container switch
    {
        RefMap map when key is RefBool or RefString || RefEquality.IsNumber(key) => map.Find(key),
        RefList list when key is RefInt i => At(list, i.Value),
        RefList list when key is RefUint u && u.Value <= long.MaxValue => At(list, u.Value),
        RefList list when key is RefDouble d && d.Value == Math.Floor(d.Value) && Math.Abs(d.Value) < Math.Pow(2, 63) => At(list, new BigInteger(d.Value)),
        _ => RefValue.NoOverload("_[_]"),
    };

    private static RefValue? At(RefList list, BigInteger position) =>
        position >= 0 && position < list.Items.Count ? list.Items[(int)position] : null;

    private static bool IsZero(RefValue value) => value switch
    {
        RefNull => true,
        RefBool x => !x.Value,
        RefInt x => x.Value.IsZero,
        RefUint x => x.Value.IsZero,
        RefDouble x => x.Value == 0,
        RefString x => x.Value.Length == 0,
        RefBytes x => x.Value.Length == 0,
        RefList x => x.Items.Count == 0,
        RefMap x => x.Entries.Count == 0,
        RefDuration x => x.Nanoseconds.IsZero,
        RefTimestamp x => x.Nanoseconds == RefTimes.First,
        _ => false,
    };
}
