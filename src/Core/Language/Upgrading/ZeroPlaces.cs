namespace Countersign.Language;

/// <summary>Where something of the new document stood in the document of language 0.x it was made of.</summary>
internal static class ZeroPlaces
{
    /// <summary>Finds the place.</summary>
    /// <param name="root">The old document.</param>
    /// <param name="pointer">JSON Pointer into the new one.</param>
    /// <returns>The node it was made of, or the nearest one around it: at least the step.</returns>
    public static Node Find(Node root, string pointer)
    {
        string[] tokens = [.. Node.Tokens(pointer)];
        if (tokens.Length < 3 || tokens[0] != "steps")
        {
            return root.Nearest(tokens);
        }

        Node step = root.Nearest(tokens[..2]);
        foreach (string[] old in Old(tokens[2..]))
        {
            Node found = step.Nearest(old);
            if (found != step && found != step.Find("config"))
            {
                return found;
            }
        }

        return step;
    }

    /// <summary>Where a field of a step can have stood, likeliest first.</summary>
    private static IEnumerable<string[]> Old(string[] field) => field switch
    {
        ["id" or "type" or "next", ..] => [field],
        ["description", ..] => [["config", .. field], ["name"]],
        ["template", ..] => [["config", "template_id"], ["config", .. field]],
        ["schema", .. var rest] => [["config", "json_schema", .. rest], ["config", .. field]],
        ["timeout", ..] => [["config", "timeout_s"], ["config", .. field]],
        ["then", ..] => [["next", "then"], ["next", "true"], ["config", .. field]],
        ["else", ..] => [["next", "else"], ["next", "false"], ["config", .. field]],
        _ => [["config", .. field]],
    };
}
