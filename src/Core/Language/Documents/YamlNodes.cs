using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Countersign.Language;

/// <summary>Reads the part of YAML 1.2 that is data without surprises: no anchors, aliases, tags, merge keys, duplicate keys and further documents.</summary>
internal sealed class YamlNodes
{
    private readonly Parser parser;
    private readonly ProblemList problems;
    private readonly List<string> path = [];

    private YamlNodes(string text, ProblemList problems)
    {
        parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        this.problems = problems;
    }

    public static Node? Read(string text, ProblemList problems)
    {
        YamlNodes nodes = new(text, problems);
        try
        {
            return nodes.ReadStream();
        }
        catch (YamlException error)
        {
            problems.ErrorAt(ProblemCodes.Syntax, Math.Max(1, (int)error.Start.Line), Math.Max(1, (int)error.Start.Column), "", "Not YAML: " + Reason(error));
            return null;
        }
    }

    private static string Reason(YamlException error)
    {
        string reason = error.Message;
        return reason.StartsWith("While ", StringComparison.Ordinal) ? "w" + reason[1..] : reason;
    }

    private Node? ReadStream()
    {
        Advance();
        Advance();
        if (parser.Current is not DocumentStart)
        {
            problems.ErrorAt(ProblemCodes.Syntax, 1, 1, "", "The document is empty.");
            return null;
        }

        Advance();
        Node? root = ReadValue(1);
        if (root is null)
        {
            return null;
        }

        Advance();
        if (Advance() && parser.Current is DocumentStart second)
        {
            problems.ErrorAt(ProblemCodes.MultipleDocuments, (int)second.Start.Line, (int)second.Start.Column, "", "One text holds one definition; '---' begins another one.");
        }

        return root;
    }

    /// <summary>Reads the value the parser stands on, and leaves it on the value's last event.</summary>
    /// <returns>The node, or null where the document is too deep to go on.</returns>
    private Node? ReadValue(int depth)
    {
        ParsingEvent current = parser.Current!;
        (int line, int column) = Place(current);
        if (current is AnchorAlias alias)
        {
            Refuse(ProblemCodes.Alias, line, column, $"Aliases are not part of the language; write the value of '*{alias.Value}' out.");
            return new Node(NodeKind.Broken, "", line, column);
        }

        if (current is not NodeEvent node)
        {
            problems.ErrorAt(ProblemCodes.Syntax, line, column, "", "Not YAML: a value is missing here.");
            return null;
        }

        RefuseProperties(node, line, column);
        if (node is Scalar scalar)
        {
            return ReadScalar(scalar, line, column);
        }

        if (depth > DocumentReader.MaxDepth)
        {
            Refuse(ProblemCodes.TooDeep, line, column, $"Nested deeper than {DocumentReader.MaxDepth} levels.");
            return null;
        }

        return node is MappingStart ? ReadMapping(depth, line, column) : ReadSequence(depth, line, column);
    }

    private void RefuseProperties(NodeEvent node, int line, int column)
    {
        if (!node.Anchor.IsEmpty)
        {
            Refuse(ProblemCodes.Alias, line, column, $"Anchors are not part of the language; remove '&{node.Anchor.Value}'.");
        }

        if (!node.Tag.IsEmpty)
        {
            Refuse(ProblemCodes.Tag, line, column, $"Tags are not part of the language; remove '{node.Tag}'.");
        }
    }

    private Node ReadScalar(Scalar scalar, int line, int column)
    {
        if (DocumentReader.HasLoneSurrogate(scalar.Value))
        {
            Refuse(ProblemCodes.Encoding, line, column, "The text holds half of a surrogate pair.");
            return new Node(NodeKind.Broken, "", line, column);
        }

        if (scalar.Style != ScalarStyle.Plain)
        {
            return new Node(NodeKind.Text, scalar.Value, line, column);
        }

        RefuseForeignBlank(scalar.Value, line, column);
        NodeKind kind = CoreScalar.Resolve(scalar.Value, out string? json);
        if (json is not null)
        {
            return new Node(kind, json, line, column);
        }

        Refuse(ProblemCodes.Number, line, column, $"The number {scalar.Value} does not fit a double without loss; put it in quotes to make it a text.");
        return new Node(NodeKind.Broken, "", line, column);
    }

    // It would part a text from what looks like a comment, or a key from what looks like its value, on the screen alone.
    private void RefuseForeignBlank(string plain, int line, int column)
    {
        if (plain.FirstOrDefault(HiddenCharacter.IsForeignBlank) is var blank and not '\0')
        {
            Refuse(
                ProblemCodes.HiddenCharacter, line, column,
                $"The blank U+{(int)blank:X4} in this unquoted text looks like a space and is none: what follows it is still text, even behind a '#'. Write a space, or put the text in quotes.");
        }
    }

    private Node? ReadSequence(int depth, int line, int column)
    {
        Node list = new(NodeKind.List, "", line, column);
        while (Advance() && parser.Current is not SequenceEnd)
        {
            (int Line, int Column) place = Place(parser.Current!);
            path.Add(Node.Token(list.Children.Count.ToString(CultureInfo.InvariantCulture)));
            if (ReadValue(depth + 1) is not { } item)
            {
                return null;
            }

            path.RemoveAt(path.Count - 1);
            list.Add(item, null, place);
        }

        return list;
    }

    private Node? ReadMapping(int depth, int line, int column)
    {
        Node mapping = new(NodeKind.Object, "", line, column);
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (Advance() && parser.Current is not MappingEnd)
        {
            ParsingEvent keyEvent = parser.Current!;
            (int Line, int Column) keyPlace = Place(keyEvent);
            if (ReadValue(depth + 1) is not { } keyNode || !Advance())
            {
                return null;
            }

            path.Add(Node.Token(keyNode.Text));
            if (ReadValue(depth + 1) is not { } value)
            {
                return null;
            }

            path.RemoveAt(path.Count - 1);
            bool plain = keyEvent is Scalar { Style: ScalarStyle.Plain };
            if (plain && keyNode.Text == "<<")
            {
                Refuse(ProblemCodes.MergeKey, keyPlace.Line, keyPlace.Column, "Merge keys are not part of the language; write the members out.");
            }
            else if (keyNode.Kind != NodeKind.Text)
            {
                RefuseKey(keyNode, keyPlace);
            }
            else if (keys.Add(keyNode.Text))
            {
                mapping.Add(value, keyNode.Text, keyPlace);
            }
            else
            {
                Refuse(ProblemCodes.DuplicateKey, keyPlace.Line, keyPlace.Column, $"The key '{keyNode.Text}' is there twice.");
            }
        }

        return mapping;
    }

    private void RefuseKey(Node key, (int Line, int Column) place)
    {
        if (key.Kind != NodeKind.Broken)
        {
            string hint = key.Kind is NodeKind.List or NodeKind.Object ? "lists and objects cannot be keys" : $"put it in quotes: '{key.Text}'";
            Refuse(ProblemCodes.KeyNotText, place.Line, place.Column, $"A key must be a text; {hint}.");
        }
    }

    /// <summary>The parser answers some broken texts with exceptions of its own making, which mean the same.</summary>
    private bool Advance()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            Mark at = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "the text cannot be parsed after this place.", error);
        }
    }

    private void Refuse(string code, int line, int column, string message)
        => problems.ErrorAt(code, line, column, string.Concat(path), message);

    private static (int Line, int Column) Place(ParsingEvent parsed)
        => (int.CreateSaturating(parsed.Start.Line), int.CreateSaturating(parsed.Start.Column));
}
