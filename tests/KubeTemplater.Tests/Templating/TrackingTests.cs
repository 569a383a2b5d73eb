using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Templating;

namespace KubeTemplater.Tests.Templating;

public class TrackingTests
{
    [Fact]
    public void A_name_that_fits_is_its_own_label() => Assert.Equal(new string('a', 63), Tracking.LabelValue(new string('a', 63)));

    [Theory]
    [InlineData(64)]
    [InlineData(253)]
    public void A_longer_name_is_shortened_to_a_valid_label_and_kept_in_full_in_an_annotation(int length)
    {
        var template = new ObjectKey("blue", new string('a', 51) + "." + new string('b', length - 52));

        var metadata = Marked(template);

        var label = (string)metadata["labels"]![Tracking.NameLabel]!;
        Assert.True(label.Length <= 63, label);
        Assert.Matches("^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$", label);
        Assert.Equal(template.ToString(), (string?)metadata["annotations"]![Tracking.FullNameAnnotation]);
    }

    [Fact]
    public void Two_long_names_that_begin_alike_have_different_labels() =>
        Assert.NotEqual(Tracking.LabelValue(new string('a', 100) + "1"), Tracking.LabelValue(new string('a', 100) + "2"));

    [Fact]
    public void Recognises_what_it_marked_and_nothing_else()
    {
        var template = new ObjectKey("blue", new string('x', 80));
        var labels = Marked(template)["labels"]!.AsObject().ToDictionary(l => l.Key, l => (string)l.Value!);

        Assert.True(Tracking.Marks(labels, template));
        Assert.False(Tracking.Marks(labels, template with { Namespace = "green" }));
        Assert.False(Tracking.Marks(labels, template with { Name = "other" }));
        Assert.False(Tracking.Marks(null, template));
    }

    private static JsonObject Marked(ObjectKey template)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Tracking.WriteLabels(writer, default, template);
            Tracking.WriteAnnotations(writer, default, template);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }
}
