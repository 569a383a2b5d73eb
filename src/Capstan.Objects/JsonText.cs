using System.Text.Encodings.Web;

namespace Capstan;

/// <summary>How JSON text is written: only what JSON demands is escaped, so that texts keep their length and are readable.</summary>
internal static class JsonText
{
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
}
