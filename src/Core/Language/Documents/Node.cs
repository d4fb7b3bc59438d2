using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>What a node of a document is, after the YAML 1.2 core schema or JSON.</summary>
internal enum NodeKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,

    /// <summary>Something that was refused and reported; nothing further is said about it.</summary>
    Broken,
}

/// <summary>A value of a document with its place. Numbers are kept as JSON text.</summary>
internal sealed class Node(NodeKind kind, string text, int line, int column)
{
    private readonly List<Node> children = [];

    public NodeKind Kind { get; } = kind;

    /// <summary>The text of a scalar; a number as JSON writes it.</summary>
    public string Text { get; } = text;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public Node? Parent { get; private set; }

    /// <summary>The key under which the node stands in its parent object; null in a list and at the root.</summary>
    public string? Key { get; private set; }

    /// <summary>Where the key stands; the value's own place in a list and at the root.</summary>
    public (int Line, int Column) KeyPlace { get; private set; } = (line, column);

    /// <summary>Place among the parent's children, from 0.</summary>
    public int Index { get; private set; }

    /// <summary>Items of a list or values of an object, in the order of the document.</summary>
    public IReadOnlyList<Node> Children => children;

    public SourceLocation Location => new(Line, Column, Pointer);

    /// <summary>JSON Pointer to the node, RFC 6901.</summary>
    public string Pointer
    {
        get
        {
            if (Parent is null)
            {
                return "";
            }

            return Parent.Pointer + Token(Key ?? Index.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>One step of a JSON Pointer, with its slash.</summary>
    public static string Token(string key)
        => "/" + key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public void Add(Node child, string? key, (int Line, int Column) keyPlace)
    {
        child.Parent = this;
        child.Key = key;
        child.KeyPlace = keyPlace;
        child.Index = children.Count;
        children.Add(child);
    }

    /// <summary>The value under a key, or null.</summary>
    public Node? Find(string key)
    {
        foreach (Node child in children)
        {
            if (child.Key == key)
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The tokens of a JSON Pointer, unescaped.</summary>
    public static IEnumerable<string> Tokens(string pointer)
        => pointer.Split('/').Skip(1).Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));

    /// <summary>The node that tokens of a JSON Pointer lead to from here, or the nearest above it.</summary>
    public Node Nearest(IEnumerable<string> tokens)
    {
        Node at = this;
        foreach (string token in tokens)
        {
            Node? child = at.Kind == NodeKind.Object ? at.Find(token)
                : at.Kind == NodeKind.List && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < at.children.Count ? at.children[index]
                : null;
            if (child is null)
            {
                return at;
            }

            at = child;
        }

        return at;
    }

    /// <summary>The node as a JSON value of its own.</summary>
    public JsonElement ToJson()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            WriteTo(writer);
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case NodeKind.Object:
                writer.WriteStartObject();
                foreach (Node child in children)
                {
                    writer.WritePropertyName(child.Key!);
                    child.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            case NodeKind.List:
                writer.WriteStartArray();
                foreach (Node child in children)
                {
                    child.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case NodeKind.Text:
                writer.WriteStringValue(Text);
                break;
            case NodeKind.Number:
                writer.WriteRawValue(Text, skipInputValidation: true);
                break;
            case NodeKind.Boolean:
                writer.WriteBooleanValue(Text == "true");
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
