namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Quantities in places that are validated; what is no quantity was refused when the body was read.</summary>
internal static class Amounts
{
    /// <summary>The quantity; null when there is none.</summary>
    public static Quantity? Of(Place place) => ResourceLists.Of(place.Value);

    /// <summary>Must not be negative.</summary>
    public static void NotNegative(Place place)
    {
        if (Of(place)?.Sign < 0)
        {
            place.Invalid("must be greater than or equal to 0");
        }
    }

    /// <summary>Must not be negative, where that is told of the whole number.</summary>
    public static void Sound(Place place)
    {
        if (Of(place) is { Sign: < 0 } below)
        {
            place.Invalid((long)below.AsApproximateDouble(), "must be a valid resource quantity");
        }
    }

    /// <summary>Must be above zero; otherwise a fault was told.</summary>
    public static bool Positive(Place place, string detail = "must be greater than zero")
    {
        if (Of(place)?.Sign is > 0)
        {
            return true;
        }

        place.Invalid(detail);
        return false;
    }

    /// <summary>Whether there is no fraction, to a thousandth.</summary>
    public static bool IsWhole(Quantity amount) => Milli(amount) % 1000 == 0;

    /// <summary>The amount in thousandths, rounded up; the largest number there is when it is more.</summary>
    public static decimal Milli(Quantity amount)
    {
        try
        {
            return Math.Ceiling((decimal)amount.AsApproximateDouble() * 1000);
        }
        catch (OverflowException)
        {
            return decimal.MaxValue - (decimal.MaxValue % 1000);
        }
    }
}
