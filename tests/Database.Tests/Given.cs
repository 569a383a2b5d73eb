using Capstan;
using Databases.Resources;

namespace Databases.Tests;

/// <summary>Databases in few words.</summary>
internal static class Given
{
    public static Database Database(string name = "shop", string @namespace = "default", int replicas = 1, string size = "1Gi", string image = "postgres:14") => new()
    {
        Metadata = new() { Name = name, Namespace = @namespace },
        Spec = new() { Image = image, Replicas = replicas, Storage = new() { Size = size }, DatabaseName = "orders", Username = "app" },
    };

    /// <summary>As a server has it.</summary>
    public static Database Stored(string name = "shop", int replicas = 1)
    {
        var database = Database(name, replicas: replicas);
        database.Metadata.Uid = "11111111-2222-3333-4444-555555555555";
        database.Metadata.Generation = 1;
        return database;
    }

    public static Quantity Amount(string text) => Quantity.Parse(text);
}
