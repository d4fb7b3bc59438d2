using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>Reads strict JSON (RFC 8259) into nodes: no comments, no trailing commas, no duplicate keys.</summary>
internal ref struct JsonNodes
{
    private readonly ReadOnlySpan<byte> utf8;
    private readonly ProblemList problems;
    private readonly List<string> path = [];
    private Utf8JsonReader reader;
    private int position;
    private int line;
    private int column;

    private JsonNodes(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        this.utf8 = utf8;
        this.problems = problems;
        reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DocumentReader.MaxDepth + 2 });
        line = 1;
        column = 1;
    }

    public static Node? Read(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        JsonNodes nodes = new(utf8, problems);
        try
        {
            nodes.reader.Read();
            Node? root = nodes.ReadValue(1);
            if (root is not null)
            {
                nodes.reader.Read();
            }

            return root;
        }
        catch (JsonException error)
        {
            nodes.Advance((int)Math.Min(nodes.reader.BytesConsumed, utf8.Length));
            string message = error.Message.Split(" LineNumber:")[0];
            problems.ErrorAt(ProblemCodes.Syntax, nodes.line, nodes.column, "", "Not JSON: " + message);
            return null;
        }
    }

    /// <summary>Reads the value the reader stands on.</summary>
    /// <returns>The node, or null where the document is too deep to go on.</returns>
    private Node? ReadValue(int depth)
    {
        Advance((int)reader.TokenStartIndex);
        (int atLine, int atColumn) = (line, column);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
            case JsonTokenType.StartArray:
                return ReadContainer(depth, atLine, atColumn);
            case JsonTokenType.String:
                return ReadText(out string text)
                    ? new Node(NodeKind.Text, text, atLine, atColumn)
                    : new Node(NodeKind.Broken, "", atLine, atColumn);
            case JsonTokenType.Number:
                string number = Encoding.UTF8.GetString(reader.ValueSpan);
                if (CoreScalar.Fits(number))
                {
                    return new Node(NodeKind.Number, number, atLine, atColumn);
                }

                Refuse(ProblemCodes.Number, atLine, atColumn, $"The number {number} does not fit a double without loss; write it as a text.");
                return new Node(NodeKind.Broken, "", atLine, atColumn);
            case JsonTokenType.True:
                return new Node(NodeKind.Boolean, "true", atLine, atColumn);
            case JsonTokenType.False:
                return new Node(NodeKind.Boolean, "false", atLine, atColumn);
            default:
                return new Node(NodeKind.Null, "null", atLine, atColumn);
        }
    }

    private Node? ReadContainer(int depth, int atLine, int atColumn)
    {
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        if (depth > DocumentReader.MaxDepth)
        {
            Refuse(ProblemCodes.TooDeep, atLine, atColumn, $"Nested deeper than {DocumentReader.MaxDepth} levels.");
            return null;
        }

        Node container = new(isObject ? NodeKind.Object : NodeKind.List, "", atLine, atColumn);
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            string? key = null;
            Advance((int)reader.TokenStartIndex);
            (int Line, int Column) keyPlace = (line, column);
            if (isObject)
            {
                _ = ReadText(out key);
                reader.Read();
            }

            path.Add(Node.Token(key ?? container.Children.Count.ToString(CultureInfo.InvariantCulture)));
            if (ReadValue(depth + 1) is not { } child)
            {
                return null;
            }

            path.RemoveAt(path.Count - 1);

            if (key is null || keys.Add(key))
            {
                container.Add(child, key, keyPlace);
            }
            else
            {
                Refuse(ProblemCodes.DuplicateKey, keyPlace.Line, keyPlace.Column, $"The key '{key}' is there twice.");
            }
        }

        return container;
    }

    private bool ReadText(out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            Refuse(ProblemCodes.Encoding, line, column, "The text holds half of a surrogate pair.");
            text = "";
            return false;
        }
    }

    private readonly void Refuse(string code, int atLine, int atColumn, string message)
        => problems.ErrorAt(code, atLine, atColumn, string.Concat(path), message);

    /// <summary>Moves line and column on to a byte, so that all places together cost one pass over the document.</summary>
    private void Advance(int to)
    {
        for (; position < to; position++)
        {
            byte unit = utf8[position];
            if (unit == (byte)'\n')
            {
                line++;
                column = 1;
            }
            else if ((unit & 0xC0) != 0x80)
            {
                column += unit >= 0xF0 ? 2 : 1;
            }
        }
    }
}
