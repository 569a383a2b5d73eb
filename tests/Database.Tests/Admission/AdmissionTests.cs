using Databases.Admission;
using Databases.Desired;

namespace Databases.Tests.Admission;

public class AdmissionTests
{
    [Theory]
    [InlineData("postgres:14", true)]
    [InlineData("docker.io/library/postgres:14.2-bookworm", true)]
    [InlineData("registry:5000/team/my-postgres", true)]
    [InlineData("postgresql@sha256:aa", true)]
    [InlineData("nginx:latest", false)]
    [InlineData("postgres.example.com/nginx:1", false)]
    [InlineData("nginx:postgres", false)]
    [InlineData("notpostgresatall", false)]
    public void Defect16_an_image_is_judged_by_its_own_name_and_not_by_any_part_of_the_text(string image, bool isPostgres)
    {
        var causes = DatabaseValidation.Violations(Given.Database(image: image).Spec, null).ToList();

        Assert.Equal(isPostgres, causes.Count == 0);
        Assert.All(causes, cause => Assert.Contains("must be a PostgreSQL image", cause.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("postgres:14", 14, false)]
    [InlineData("postgres:14.2-alpine3.19", 14, true)]
    [InlineData("localhost:5000/postgres", null, false)]
    [InlineData("postgres:latest", null, false)]
    public void The_tag_tells_version_and_C_library(string image, int? major, bool isAlpine)
    {
        var parsed = PostgresImage.Parse(image);

        Assert.Equal((major, isAlpine), (parsed.Major, parsed.IsAlpine));
    }

    [Theory]
    [InlineData("postgres:14", "postgres:15", "cannot be opened")]
    [InlineData("postgres:14", "postgres:14-alpine", "sort text differently")]
    [InlineData("postgres:14", "postgres:14.2", null)]
    [InlineData("postgres:14", "registry.example.com/postgres:14", null)]
    [InlineData("postgres:14", "nginx:14", "must be a PostgreSQL image")]
    public void Defect08_an_image_that_could_not_read_the_files_is_refused_also_on_update(string from, string to, string? says)
    {
        var causes = DatabaseValidation.Violations(Given.Database(image: to).Spec, Given.Database(image: from).Spec).ToList();

        Assert.Equal(says is null ? 0 : 1, causes.Count);
        Assert.All(causes, cause => Assert.Contains(says!, cause.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var causes = DatabaseValidation.Violations(Given.Database(replicas: 10, size: "10Gi", image: "nginx:latest").Spec, null).Select(cause => cause.Field);

        Assert.Equal(["spec.image", "spec.storage.size"], causes);
    }

    [Theory]
    [InlineData(6, "49Gi", false)]
    [InlineData(6, "9Gi", false)]
    [InlineData(6, "51200Mi", true)]
    [InlineData(5, "1Gi", true)]
    public void Defect16_many_replicas_need_room_whatever_the_size_is_written_as(int replicas, string size, bool passes) =>
        Assert.Equal(passes, !DatabaseValidation.Violations(Given.Database(replicas: replicas, size: size).Spec, null).Any());

    [Theory]
    [InlineData("1536Mi", "1Gi", false)]
    [InlineData("900Mi", "100Mi", false)]
    [InlineData("1Gi", "1024Mi", true)]
    [InlineData("1Gi", "1025Mi", true)]
    public void Defect16_sizes_are_compared_as_amounts(string from, string to, bool passes) =>
        Assert.Equal(passes, !DatabaseValidation.Violations(Given.Database(size: to).Spec, Given.Database(size: from).Spec).Any());

    [Fact]
    public void Names_are_measured_in_bytes()
    {
        var database = Given.Database();
        database.Spec.DatabaseName = new('ö', 32);

        Assert.Contains("63 bytes", Assert.Single(DatabaseValidation.Violations(database.Spec, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_are_filled_in_once()
    {
        var database = Given.Database(@namespace: "production");

        DatabaseDefaults.Fill(database, "production");
        var once = (database.Spec.Replicas, database.Spec.Storage.StorageClass, database.Metadata.Labels!["managed-by"], database.Metadata.Annotations!["database.example.com/version"]);
        DatabaseDefaults.Fill(database, "production");

        Assert.Equal((3, "standard", "database-operator", "v1"), once);
        Assert.Equal((1, 1), (database.Metadata.Labels.Count, database.Metadata.Annotations.Count));
    }

    [Theory]
    [InlineData("production", 5, 5)]
    [InlineData("default", 1, 1)]
    public void Replicas_are_raised_in_production_and_never_lowered(string @namespace, int replicas, int expected)
    {
        var database = Given.Database(replicas: replicas);

        DatabaseDefaults.Fill(database, @namespace);

        Assert.Equal(expected, database.Spec.Replicas);
    }

    [Fact]
    public void What_a_person_chose_stays()
    {
        var database = Given.Database();
        database.Spec.Storage.StorageClass = "fast";
        database.Metadata.Labels = new() { ["managed-by"] = "me" };

        DatabaseDefaults.Fill(database, "default");

        Assert.Equal(("fast", "me"), (database.Spec.Storage.StorageClass, database.Metadata.Labels["managed-by"]));
    }
}
