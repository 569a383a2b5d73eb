using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Capstan.ApiServer.Storage;

/// <summary>The labels of one object, as compact as can be: mostly a handful, whose texts most objects share.</summary>
internal sealed class LabelSet : IReadOnlyDictionary<string, string>
{
    // Keys and values in turn, in the order in which they stand in the object.
    private readonly string[] _texts;

    private LabelSet(string[] texts) => _texts = texts;

    public int Count => _texts.Length / 2;

    public IEnumerable<string> Keys => this.Select(l => l.Key);

    public IEnumerable<string> Values => this.Select(l => l.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <summary>The labels of these keys and values in turn; null of none.</summary>
    public static LabelSet? Of(List<string> texts)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            texts[i] = SharedTexts.Of(texts[i]);
        }

        return texts.Count == 0 ? null : new LabelSet([.. texts]);
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        for (var i = 0; i < _texts.Length; i += 2)
        {
            if (_texts[i] == key)
            {
                value = _texts[i + 1];
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _texts.Length; i += 2)
        {
            yield return new(_texts[i], _texts[i + 1]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
