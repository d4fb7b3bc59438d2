using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Language;
using Microsoft.AspNetCore.Http;

namespace Countersign.Api.People;

/// <summary>
/// The page behind a task link. It is the same for every task and holds no data: its script reads the token from the fragment, which browsers send to no
/// server, and asks for the task with it.
/// </summary>
internal static partial class TaskPage
{
    private const string Html = "text/html";
    private const int Last = 0x10FFFF;

    private static readonly byte[] Page = Load();

    /// <summary>The page may run its own script and style and call its own host, and nothing else.</summary>
    private static readonly string Policy =
        $"default-src 'none'; script-src '{HashOf(Script())}'; style-src '{HashOf(Style())}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Whether a request is that of a browser that opens the link: it wants a page and carries no token.</summary>
    public static bool IsWanted(HttpContext context) =>
        context.Request.Headers.Authorization.Count == 0 && context.Request.Headers.Accept.ToString().Contains(Html, StringComparison.OrdinalIgnoreCase);

    /// <summary>Answers with the page.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        HeadersMiddleware.UsePolicy(context, Policy);
        context.Response.ContentType = Html + "; charset=utf-8";
        await context.Response.Body.WriteAsync(Page, context.RequestAborted);
    }

    private static byte[] Load()
    {
        using var resource = typeof(TaskPage).Assembly.GetManifestResourceStream("pages/task.html")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n").Replace("$hidden", HiddenPattern(), StringComparison.Ordinal));
    }

    // The ranges of HiddenCharacter as a class of a JavaScript expression; a line feed is text.
    private static string HiddenPattern()
    {
        var pattern = new StringBuilder();
        int? first = null;
        for (var value = 0; value <= Last + 1; value++)
        {
            if (value <= Last && Rune.IsValid(value) && IsHidden(new Rune(value)))
            {
                first ??= value;
            }
            else if (first is { } from)
            {
                pattern.Append(CultureInfo.InvariantCulture, $"\\u{{{from:x}}}-\\u{{{value - 1:x}}}");
                first = null;
            }
        }

        return pattern.ToString();
    }

    private static bool IsHidden(Rune rune) => rune.Value is '\t' or '\r' || HiddenCharacter.Is(rune);

    private static string HashOf(Regex element) =>
        "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element.Match(Encoding.UTF8.GetString(Page)).Groups[1].Value)));

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
