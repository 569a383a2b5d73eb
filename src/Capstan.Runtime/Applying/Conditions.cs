namespace Capstan.Applying;

/// <summary>Lists of conditions, one per type.</summary>
public static class Conditions
{
    /// <summary>Sets a condition: <see cref="Condition.LastTransitionTime"/> moves only when the status changes.</summary>
    /// <param name="conditions">Is changed; the order of the others stays.</param>
    /// <param name="condition">Its time, if it has one, is used for a change of status.</param>
    /// <param name="time">Gives the time of a change otherwise, in whole seconds. Default: the system's clock.</param>
    /// <returns>Whether anything is different now.</returns>
    public static bool Set(IList<Condition> conditions, Condition condition, TimeProvider? time = null)
    {
        var index = IndexOf(conditions, condition.Type);
        var before = index < 0 ? null : conditions[index];
        var changedAt = before is not null && before.Status == condition.Status && before.LastTransitionTime is { } since
            ? since
            : KubeTime.Truncate(condition.LastTransitionTime ?? (time ?? TimeProvider.System).GetUtcNow());
        var after = condition with { LastTransitionTime = changedAt };
        if (before is null)
        {
            conditions.Add(after);
        }
        else
        {
            conditions[index] = after;
        }

        return after != before;
    }

    /// <summary>The condition of a type, or null.</summary>
    public static Condition? Find(IEnumerable<Condition>? conditions, string type) => conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether there is a condition of the type and it is <c>True</c>.</summary>
    public static bool IsTrue(IEnumerable<Condition>? conditions, string type) => Find(conditions, type)?.Status == "True";

    /// <summary>Takes a condition out.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Remove(IList<Condition> conditions, string type)
    {
        var index = IndexOf(conditions, type);
        if (index >= 0)
        {
            conditions.RemoveAt(index);
        }

        return index >= 0;
    }

    private static int IndexOf(IList<Condition> conditions, string type)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].Type == type)
            {
                return i;
            }
        }

        return -1;
    }
}
