using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Redaction;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("mail ada.l+x@sub.example.co.uk, now", "mail [redacted:email], now")]
    [InlineData("Write to jörg@müller.de.", "Write to [redacted:email].")]
    [InlineData("q=ada%40example.com&x=1", "q=[redacted:email]&x=1")]
    [InlineData("ada@example.com.42 ada@example.com-- ada@xn--mller-kva.xn--p1ai", "[redacted:email].42 [redacted:email]-- [redacted:email]")]
    [InlineData("<ada@example.com>", "<[redacted:email]>")]
    [InlineData("call +41 44 668 18 00 today", "call [redacted:phone] today")]
    [InlineData("+41446681800 4111 1111 1111 1111", "[redacted:phone] [redacted:card]")]
    [InlineData("tel:+14155552671", "tel:[redacted:phone]")]
    [InlineData("(415) 555-2671", "[redacted:phone]")]
    [InlineData("415-555-2671 or 415.555.2671 or 1-415-555-2671", "[redacted:phone] or [redacted:phone] or [redacted:phone]")]
    [InlineData("SSN 536-22-1234.", "SSN [redacted:ssn].")]
    [InlineData("536 22 1234", "[redacted:ssn]")]
    [InlineData("4111111111111111", "[redacted:card]")]
    [InlineData("card 4111 1111 1111 1111 ok", "card [redacted:card] ok")]
    [InlineData("5500-0000-0000-0004", "[redacted:card]")]
    [InlineData("3782 822463 10005", "[redacted:card]")]
    [InlineData("6011000990139424,30569309025904,3530111333300000,2223003122003222", "[redacted:card],[redacted:card],[redacted:card],[redacted:card]")]
    [InlineData("order-4111111111111111", "order-[redacted:card]")]
    [InlineData("Authorization: Bearer abc.def-123456789", "Authorization: [redacted:field]")]
    [InlineData("sent bearer AbCdEf123456 to it", "sent bearer [redacted:bearer] to it")]
    [InlineData("Basic dXNlcjpwYXNzd29yZA==", "Basic [redacted:basic]")]
    [InlineData("Cookie: a=b; session=xyz\r\nHost: x", "Cookie: [redacted:field]\r\nHost: x")]
    [InlineData("Set-Cookie: id=1; HttpOnly", "Set-Cookie: [redacted:field]")]
    [InlineData("X-Api-Key: k123", "X-Api-Key: [redacted:field]")]
    [InlineData("Server=db;Password=p@ss word;Encrypt=1", "Server=db;Password=[redacted:field] word;Encrypt=1")]
    [InlineData("{\"password\":\"p;q r\",\"n\":1}", "{\"password\":\"[redacted:field]\",\"n\":1}")]
    [InlineData("{\\\"api_key\\\":\\\"hunter two\\\",\\\"n\\\":1}", "{\\\"api_key\\\":\\\"[redacted:field]\\\",\\\"n\\\":1}")]
    [InlineData("https://x.test/?access_token=abc&n=1", "https://x.test/?access_token=[redacted:field]&n=1")]
    [InlineData("postgres://app:hunter2@db:5432/x", "postgres://app:[redacted:password]@db:5432/x")]
    [InlineData("key sk-proj-abcdefghijklmnop1234", "key [redacted:key]")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "[redacted:key]")]
    [InlineData("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted:key]")]
    [InlineData("(xoxb-123456789012-abcdef)", "([redacted:key])")]
    [InlineData("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[redacted:key]")]
    [InlineData("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl;", "t=[redacted:jwt];")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "[redacted:jwt]")]
    [InlineData("a -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- b", "a [redacted:pem] b")]
    [InlineData("-----BEGIN PRIVATE KEY-----\\nMIIB cut", "[redacted:pem]")]
    public void Redact_Text_LosesWhatDoesNotBelong(string text, string expected)
    {
        Assert.Equal(expected, Redactor.Default.Redact(text));
        Assert.Equal(expected, Redactor.Default.Redact(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    [InlineData("41111111-1111-1111-1111-111111111111")]
    [InlineData("4111-11-111111-1111")]
    [InlineData("4111-1111-1111-1111-11111")]
    [InlineData("run/3f2504e0-4f89-4539-8148-034364671111/step")]
    [InlineData("01JD8K3M000000000000004711")]
    [InlineData("sha256:4111111111111111411111111111111141111111111111114111111111111111")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("2026-11-20T12:00:00.123456Z")]
    [InlineData("2026-11-20 12:00:00+01:00")]
    [InlineData("1795176000000000")]
    [InlineData("1795176000000000000")]
    [InlineData("1732104000123")]
    [InlineData("+1250000.00")]
    [InlineData("-1234567890.55")]
    [InlineData("1 234 567.89 and 12,345,678.90")]
    [InlineData("4111111111111112")]
    [InlineData("4111111111111111.00")]
    [InlineData("0.4111111111111111")]
    [InlineData("000-12-3456, 666-12-3456, 900-12-3456, 536-00-1234, 536-22-0000")]
    [InlineData("536-22-12345 and 1536-22-1234")]
    [InlineData("115-555-2671")]
    [InlineData("192.168.100.200 and 10.0.0.1:8080")]
    [InlineData("1e+21")]
    [InlineData("user@host, @team, a@b")]
    [InlineData("50% off at 4%")]
    [InlineData("the bearer came; basic authentication")]
    [InlineData("tokens: 812, max_tokens=4096, tokenizer: bpe")]
    [InlineData("sk-short and risk-management-in-the-large")]
    [InlineData("https://example.com/a:b@c?x=1#d")]
    [InlineData("https://example.com:8443/path")]
    [InlineData("idempotency-key: order-1")]
    [InlineData("eyJub3QiOiJhIGp3dCJ9")]
    [InlineData("run-1//0/0/0/run.created")]
    [InlineData("password: null, secret=true")]
    [InlineData("version 10.0.401-preview.2")]
    [InlineData("----- BEGIN -----")]
    [InlineData("Straße 12, 8001 Zürich")]
    [InlineData("日本語のテキスト 😀")]
    public void Redact_InnocentText_Survives(string text) => Assert.Equal(text, Redactor.Default.Redact(text));

    [Fact]
    public void Redact_Payload_IsCanonicalAndWithoutSecrets()
    {
        var redacted = Redactor.Default.Redact("""
            { "z": 1, "headers": {"Authorization": "x", "Accept": "json", "COOKIE": ["a", "b"]},
              "list": [{"name": "X-Api-Key", "value": "k"}, {"name": "Accept", "value": "json"}],
              "secret": {"deep": ["x"]}, "password": 1234, "token": null, "cookies": true,
              "usage": {"tokens": 812, "promptTokens": 3}, "card": 4111111111111111, "at": 1795176000000000,
              "note": "to \"ada@example.com\"", "ada@example.com": 1, "bob@example.com": 2 }
            """u8);

        Assert.Equal(
            "{\"[redacted:email]\":1,\"[redacted:email]~2\":2,\"at\":1795176000000000,\"card\":\"[redacted:card]\",\"cookies\":true,"
            + "\"headers\":{\"Accept\":\"json\",\"Authorization\":\"[redacted:field]\",\"COOKIE\":\"[redacted:field]\"},"
            + "\"list\":[{\"name\":\"X-Api-Key\",\"value\":\"[redacted:field]\"},{\"name\":\"Accept\",\"value\":\"json\"}],"
            + "\"note\":\"to \\\"[redacted:email]\\\"\",\"password\":\"[redacted:field]\",\"secret\":\"[redacted:field]\",\"token\":null,"
            + "\"usage\":{\"promptTokens\":3,\"tokens\":812},\"z\":1}",
            Encoding.UTF8.GetString(redacted));
        Assert.Equal(redacted, Redactor.Default.Redact(redacted));
    }

    [Fact]
    public void Redact_InnocentPayload_IsItsCanonicalForm()
    {
        var payload = """{"b":"Zürich <\u00e9> & \u2028 +1 'x'","a":[1.50,1e30,"\n\u001f"]}"""u8;

        Assert.Equal(CanonicalJson.Canonicalize(payload), Redactor.Default.Redact(payload));
    }

    [Fact]
    public void Redact_DeepestPayload_Passes()
    {
        var deep = Encoding.UTF8.GetBytes(new string('[', 64) + "\"a@b.example\"" + new string(']', 64));

        Assert.Contains("[redacted:email]", Encoding.UTF8.GetString(Redactor.Default.Redact(deep)), StringComparison.Ordinal);
    }

    [Fact]
    public void Redact_PayloadThatIsNoJson_IsRefused() =>
        Assert.Equal(CanonicalJsonErrorCodes.Syntax, Assert.Throws<CanonicalJsonException>(() => Redactor.Default.Redact("{"u8)).Code);

    [Fact]
    public void Redact_Element_IsAsTheBytes()
    {
        using var document = JsonDocument.Parse("""{"b":"ada@example.com","a":1}""");

        Assert.Equal("{\"a\":1,\"b\":\"[redacted:email]\"}", Encoding.UTF8.GetString(Redactor.Default.Redact(document.RootElement)));
    }

    // Payloads without a finding stay as they are without being built anew: that must be told as surely as by building them.
    [Fact]
    public void Redact_AnyPayload_IsTheSameWithAndWithoutSecretsToLookFor()
    {
        string[] parts =
        [
            "name", "value", "Authorization", "X-Api-Key", "note", "password", "n", "ada@example.com", "x", "4111111111111111", "+41446681800",
            "token=abc", "Zürich \u00e9", "", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "run/1:2", "tokens", "[redacted:key]",
        ];
        var thorough = new Redactor(["never-to-be-found-anywhere"]);
        FuzzRun.Rounds(3_000, random =>
        {
            var text = Value(ref random, 0);
            var payload = Encoding.UTF8.GetBytes(text);

            Assert.Equal(Encoding.UTF8.GetString(thorough.Redact(payload)), Encoding.UTF8.GetString(Redactor.Default.Redact(payload)));
        });

        string Value(ref Countersign.Core.Tests.Fuzzing.Seeded random, int depth)
        {
            switch (random.Next(depth > 2 ? 4 : 6))
            {
                case 0: return "null";
                case 1: return random.Next(2) == 0 ? "4111111111111111" : "12";
                case 2 or 3: return $"\"{parts[random.Next(parts.Length)]}\"";
                case 4:
                    var items = new List<string>();
                    for (var i = random.Next(3); i > 0; i--)
                    {
                        items.Add(Value(ref random, depth + 1));
                    }

                    return $"[{string.Join(',', items)}]";
                default:
                    var members = new Dictionary<string, string>(StringComparer.Ordinal);
                    for (var i = random.Next(5); i > 0; i--)
                    {
                        members[parts[random.Next(parts.Length)]] = Value(ref random, depth + 1);
                    }

                    return $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";
            }
        }
    }
}
