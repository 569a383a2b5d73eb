using System.Globalization;
using Capstan.Cel;
using Capstan.Tool.Cel;

namespace EndToEnd.Tests.Cel;

/// <summary>What of <c>capstan cel</c> a process cannot show: a signal in the middle of an evaluation, input without end.</summary>
public sealed class CelRunTests
{
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);
    private readonly StringWriter _error = new(CultureInfo.InvariantCulture);

    [Fact]
    public void A_signal_ends_an_evaluation_with_an_error()
    {
        var numbers = CelValue.Of(CelList.Of([.. Enumerable.Range(0, 1000).Select(i => CelValue.Of((long)i))]));
        var program = CelRun.Environment.WithVariable("object", CelType.Dyn).Compile("object.all(x, object.all(y, x + y >= 0))");
        var run = Run(new() { Expression = program.Text, Limit = ulong.MaxValue });
        Assert.Equal(1, run.Evaluate(program, [numbers], new CancellationToken(canceled: true)));
        Assert.Contains("operation interrupted", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, run.Evaluate(program, [numbers], CancellationToken.None));
        Assert.StartsWith("value: true", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Input_without_end_is_given_up()
    {
        Assert.Equal(1, Run(new() { Expression = "object", File = "-", Json = true }, new Endless()).Run());
        Assert.Equal("""{"error":"standard input: larger than 256 MiB"}""", _output.ToString().TrimEnd());
    }

    [Fact]
    public void An_expression_ends_at_its_limit()
    {
        Assert.Equal(1, Run(new() { Expression = "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(x, [1, 2, 3, 4, 5, 6, 7, 8, 9].all(y, [1, 2, 3].all(z, x + y + z > 0)))", Limit = 50 }).Run());
        Assert.Contains("actual cost limit exceeded", _error.ToString(), StringComparison.Ordinal);
    }

    private CelRun Run(CelOptions options, Stream? input = null) => new(options, () => input ?? Stream.Null, _output, _error);

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
