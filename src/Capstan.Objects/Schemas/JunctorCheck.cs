using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>A value against anyOf, oneOf, allOf and not. Their own faults carry no field; what the nearest alternative misses is told beside them.</summary>
internal static class JunctorCheck
{
    public static void Run(JsonNode value, Schema schema, string path, Findings findings, Former? former)
    {
        // A check counts for itself and for the run that it is part of.
        findings.Checks += 2;
        if (schema.AnyOf is { Count: > 0 } any)
        {
            CheckAny(value, any, path, findings, former);
        }

        if (schema.OneOf is { Count: > 0 } one)
        {
            CheckOne(value, one, path, findings, former);
        }

        if (schema.AllOf is { Count: > 0 } all)
        {
            CheckAll(value, all, path, findings, former);
        }

        if (schema.Not is { } not && Try(value, not, path, findings, former).IsValid)
        {
            findings.AddUnplaced($"{GoFormat.Quote(path)} must not validate the schema (not)");
        }
    }

    private static void CheckAny(JsonNode value, IReadOnlyList<Schema> alternatives, string path, Findings findings, Former? former)
    {
        Findings? nearest = null;
        foreach (var alternative in alternatives)
        {
            var tried = Try(value, alternative, path, findings, former);
            if (tried.IsValid)
            {
                findings.Merge(tried);
                return;
            }

            nearest = nearest is null || tried.Checks > nearest.Checks ? tried : nearest;
        }

        findings.AddUnplaced($"{GoFormat.Quote(path)} must validate at least one schema (anyOf)");
        findings.Merge(nearest!);
    }

    private static void CheckOne(JsonNode value, IReadOnlyList<Schema> alternatives, string path, Findings findings, Former? former)
    {
        Findings? nearest = null;
        Findings? valid = null;
        var count = 0;
        foreach (var alternative in alternatives)
        {
            var tried = Try(value, alternative, path, findings, former);
            if (tried.IsValid)
            {
                count++;
                valid ??= tried;
            }
            else
            {
                nearest = nearest is null || tried.Checks > nearest.Checks ? tried : nearest;
            }
        }

        if (count == 1)
        {
            findings.Merge(valid!);
            return;
        }

        findings.AddUnplaced($"{GoFormat.Quote(path)} must validate one and only one schema (oneOf). {(count == 0 ? "Found none valid" : $"Found {count} valid alternatives")}");
        if (count == 0)
        {
            findings.Merge(nearest!);
        }
    }

    private static void CheckAll(JsonNode value, IReadOnlyList<Schema> parts, string path, Findings findings, Former? former)
    {
        var valid = 0;
        foreach (var part in parts)
        {
            var tried = Try(value, part, path, findings, former);
            valid += tried.IsValid ? 1 : 0;
            findings.Merge(tried);
        }

        if (valid < parts.Count)
        {
            findings.AddUnplaced($"{GoFormat.Quote(path)} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}");
        }
    }

    // The value itself has changed, or the check would not have come here: only what lies below it may be as it was.
    private static Findings Try(JsonNode value, Schema schema, string path, Findings outer, Former? former)
    {
        var tried = new Findings(outer.Depth);
        SchemaCheck.Run(value, schema, path, tried, former);
        return tried;
    }
}
