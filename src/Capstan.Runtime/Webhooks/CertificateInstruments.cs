using System.Diagnostics.Metrics;

namespace Capstan.Webhooks;

/// <summary>The <c>certwatcher_*</c> metrics: certificates that were read from files, over all directories of an operator.</summary>
internal sealed class CertificateInstruments
{
    private readonly Counter<long> _read, _errors;

    public CertificateInstruments(Meter meter)
    {
        _read = meter.CreateCounter<long>("certwatcher_read_certificate_total", null, "Attempts to read a certificate");
        _errors = meter.CreateCounter<long>("certwatcher_read_certificate_errors_total", null, "Attempts to read a certificate that failed");
        _read.Add(0);
        _errors.Add(0);
    }

    public void Read() => _read.Add(1);

    public void Failed() => _errors.Add(1);
}
