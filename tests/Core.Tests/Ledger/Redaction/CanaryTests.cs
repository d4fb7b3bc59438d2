using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Redaction;

/// <summary>Secrets known by value never get through, in any of the forms in which programs write them.</summary>
public sealed class CanaryTests
{
    // None looks like a key, so that nothing but its value can give it away.
    private static readonly string[] Canaries =
    [
        "hunter2!", "correct horse battery staple", "P@ss/w0rd+1=", "a\"quote\"b", "back\\slash\\x", "tab\there", "line\nbreak", "grüezi-mitenand",
        "пароль-тайна", "密码秘密文字", "😀secret😀", "<script>&amp;", "100%-sure", "semi;colon:one", "{curly}[square]", "~tilde`tick^",
        "s3cr3tWithoutAnySigns", "00000000deadbeef", "x%41y%42z", "quote'single'", "+plus+plus+", "q?a=b&c=d#e", "trailing space ", "\u0001control\u001f",
    ];

    private static readonly Redactor Redactor = new(Canaries);

    public static TheoryData<string, Func<string, string>> Forms() => new()
    {
        { "plain", c => c },
        { "within a text", c => $"before{c}after" },
        { "base64", c => Convert.ToBase64String(Encoding.UTF8.GetBytes(c)) },
        { "base64 at offset 1", c => Convert.ToBase64String(Encoding.UTF8.GetBytes("u" + c + "z")) },
        { "base64 at offset 2", c => Convert.ToBase64String(Encoding.UTF8.GetBytes("us" + c + "yz")) },
        { "base64 of user and password", c => Convert.ToBase64String(Encoding.UTF8.GetBytes("user:" + c)) },
        { "base64url", c => Convert.ToBase64String(Encoding.UTF8.GetBytes(c)).TrimEnd('=').Replace('+', '-').Replace('/', '_') },
        { "URL-encoded", Uri.EscapeDataString },
        { "URL-encoded in lower case", c => string.Concat(Encoding.UTF8.GetBytes(c).Select(b => $"%{b:x2}")) },
        { "form-encoded", c => Uri.EscapeDataString(c).Replace("%20", "+", StringComparison.Ordinal) },
        { "framework URL-encoded", c => UrlEncoder.Default.Encode(c) },
        { "JSON-escaped", c => JsonSerializer.Serialize(c) },
        { "JSON-escaped to ASCII", c => string.Concat(c.Select(u => $"\\u{(int)u:X4}")) },
        { "JSON in JSON", c => JsonSerializer.Serialize(JsonSerializer.Serialize(new { c })) },
        { "JSON in a URL", c => Uri.EscapeDataString(JsonSerializer.Serialize(c)) },
        { "base64 in a URL", c => Uri.EscapeDataString(Convert.ToBase64String(Encoding.UTF8.GetBytes(c))) },
        { "hexadecimal", c => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(c)) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Redact_EveryCanaryInThisForm_IsGone(string form, Func<string, string> write)
    {
        foreach (var canary in Canaries)
        {
            var written = write(canary);
            var text = Redactor.Redact($"said: {written} end");
            Assert.DoesNotContain(written, text, StringComparison.Ordinal);
            Assert.True(text.Contains("[redacted:secret]", StringComparison.Ordinal), $"{form}: {canary} left {text}");
            Assert.DoesNotContain(canary, Everything(text), StringComparison.Ordinal);

            var payload = Redactor.Redact(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["k" + written] = new[] { written } }));
            Assert.DoesNotContain(canary, Everything(Encoding.UTF8.GetString(payload)), StringComparison.Ordinal);
            Assert.True(Encoding.UTF8.GetString(payload).Split("[redacted:").Length == 3, $"{canary} left {Encoding.UTF8.GetString(payload)}");
        }
    }

    [Fact]
    public void Redact_OverlappingSecrets_AreBothGone()
    {
        var redactor = new Redactor(["abcdef", "defghi", "abcd"]);

        Assert.Equal("x[redacted:secret]y", redactor.Redact("xabcdefghiy"));
        Assert.Equal("x[redacted:secret]y", redactor.Redact("xabcdy"));
    }

    [Fact]
    public void Redact_NumberThatIsASecret_IsGone() =>
        Assert.Equal("{\"pin\":\"[redacted:secret]\"}", Encoding.UTF8.GetString(new Redactor(["84731905"]).Redact("""{"pin":84731905}"""u8)));

    [Fact]
    public void Redact_ValueShorterThanFour_IsNotLookedFor() => Assert.Equal("abc abc", new Redactor(["abc", ""]).Redact("abc abc"));

    [Fact]
    public void With_MoreSecrets_FindsOldAndNew() =>
        Assert.Equal("[redacted:secret] [redacted:secret]", new Redactor(["first"]).With(["second"]).Redact("first second"));

    // Run together, one thing can hide another from the look of it (digits before a plus), so only canaries are certain then;
    // with spaces between, whatever is taken out is taken out at once.
    [Fact]
    public void Redact_AnyTextWithCanaries_LosesThem() => FuzzRun.Rounds(3_000, random =>
    {
        var canary = Canaries[random.Next(Canaries.Length)];
        var redacted = Redactor.Redact(Text(ref random, "") + canary + Text(ref random, ""));

        Assert.DoesNotContain(canary, redacted, StringComparison.Ordinal);
    });

    [Fact]
    public void Redact_RedactedText_StaysAsItIs() => FuzzRun.Rounds(3_000, random =>
    {
        var redacted = Redactor.Redact(Text(ref random, " ") + Canaries[random.Next(Canaries.Length)]);

        Assert.Equal(redacted, Redactor.Redact(redacted));
    });

    private static string Text(ref Seeded random, string separator)
    {
        string[] pieces =
        [
            Canaries[random.Next(Canaries.Length)], "ada@example.com", "4111 1111 1111 1111", "+41446681800", "a", " ", "%", "\\", "\\u00", "\"", ":", "=",
            "password=", "Bearer 123456789012", "-----BEGIN ", "://", "@", "+", "(", "-", ".", "1", "536-22-1234", "eyJ", "é", "\ud800", "\n", "Cookie: a=b",
        ];
        var text = new StringBuilder();
        for (var i = random.Next(12); i >= 0; i--)
        {
            text.Append(pieces[random.Next(pieces.Length)]).Append(separator);
        }

        return text.ToString();
    }

    // Ten times the text must take nothing like a hundred times the work; the sizes make anything quadratic hang.
    [Theory]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("a@b.")]
    [InlineData("1-")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("(")]
    [InlineData("-----BEGIN ")]
    [InlineData("-----BEGIN -----END ")]
    [InlineData("cookie=[redacted:")]
    [InlineData("cookie:\"")]
    [InlineData("password=")]
    [InlineData("bearer ")]
    [InlineData("basic A ")]
    [InlineData("eyJ")]
    [InlineData("eyJ.")]
    [InlineData("://u:")]
    [InlineData("sk-")]
    [InlineData("%4")]
    [InlineData("%25")]
    [InlineData("\\\\")]
    [InlineData("\\u0041")]
    [InlineData("hunter2")]
    public void Redact_LongRepetition_TakesLinearTime(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 300_000 / piece.Length));

        Assert.NotNull(Redactor.Redact(text));
    }

    // The text itself and all that can be decoded from it.
    private static string Everything(string text)
    {
        var unescaped = System.Text.RegularExpressions.Regex.Replace(
            text, @"\\(u[0-9a-fA-F]{4}|.)", m => m.Groups[1].Length == 5 ? ((char)Convert.ToInt32(m.Groups[1].Value[1..], 16)).ToString() : m.Groups[1].Value);
        return text + "\n" + Uri.UnescapeDataString(text) + "\n" + unescaped + "\n" + Uri.UnescapeDataString(unescaped);
    }
}
