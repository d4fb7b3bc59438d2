using System.Buffers;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Core.Tests.Vectors;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger.Canonical;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("null", "null")]
    [InlineData(" true ", "true")]
    [InlineData("\t[ 1 , 2 ]\r\n", "[1,2]")]
    [InlineData("{ }", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"a":{"z":[{"y":1,"x":2}],"b":0},"":3}""", """{"":3,"a":{"b":0,"z":[{"x":2,"y":1}]}}""")]
    [InlineData("""{"aa":1,"a":2}""", """{"a":2,"aa":1}""")]
    [InlineData("""{"10":1,"9":2,"1":3}""", """{"1":3,"10":1,"9":2}""")]
    [InlineData("""{"b":1,"\u0061":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"\"":1,"!":2,"#":3}""", """{"!":2,"\"":1,"#":3}""")]
    [InlineData("""{"\\":1,"[":2,"]":3}""", """{"[":2,"\\":1,"]":3}""")]
    [InlineData("""{"a\u001f":1,"a\n":2,"a\u0001":3,"a":4,"a ":5}""", """{"a":4,"a\u0001":3,"a\n":2,"a\u001f":1,"a ":5}""")]
    [InlineData("""{"\ufb33":1,"\ud83d\ude02":2,"\ud7ff":3,"\ue000":4}""", "{\"\ud7ff\":3,\"😂\":2,\"\ue000\":4,\"\ufb33\":1}")]
    [InlineData("""["\u00e9\/\b\f\n\r\t\u000b\u001F\"\\\u007f"]""", "[\"é/\\b\\f\\n\\r\\t\\u000b\\u001f\\\"\\\\\u007f\"]")]
    [InlineData("""["\uD83D\uDE02\u2028"]""", "[\"😂\u2028\"]")]
    [InlineData("[-0,0,-0.0,0e5,-1,10,1.0,1.50,1E2,1e-7,-1e21]", "[0,0,0,0,-1,10,1,1.5,100,1e-7,-1e+21]")]
    [InlineData("[0e-400,123456789012345,-123456789012345]", "[0,123456789012345,-123456789012345]")]
    public void Canonicalize_Text_HasOneForm(string text, string expected)
    {
        Assert.Equal(expected, Canonicalize(text));
        using var document = JsonDocument.Parse(text);
        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.ToBytes(document.RootElement)));
        Assert.Equal(Hash256.Of(Encoding.UTF8.GetBytes(expected)), CanonicalHash.Sha256(document.RootElement));
    }

    [Theory]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("-9007199254740992", "-9007199254740992")]
    [InlineData("9007199254740994", "9007199254740994")]
    [InlineData("12345678901234567000", "12345678901234567000")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("9007199254740992.0", "9007199254740992")]
    [InlineData("6.02e23", "6.02e+23")]
    [InlineData("0.00602e26", "6.02e+23")]
    [InlineData("602000000000000000000000.00", "6.02e+23")]
    [InlineData("0.3333333333333333333333333", "0.3333333333333333")]
    [InlineData("0e-400", "0")]
    [InlineData("5e-324", "5e-324")]
    public void Canonicalize_NumberThatKeepsItsValue_Passes(string literal, string expected) =>
        Assert.Equal(expected, Canonicalize(literal));

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("-9007199254740993", "-9007199254740992")]
    [InlineData("9223372036854775807", "9223372036854776000")]
    [InlineData("12345678901234567168", "12345678901234567000")]
    [InlineData("1000000000000000000001", "1e+21")]
    [InlineData("9007199254740993.0", "9007199254740992")]
    [InlineData("9007199254740993e0", "9007199254740992")]
    [InlineData("0.9007199254740993e16", "9007199254740992")]
    [InlineData("12345678901234567.89", "12345678901234568")]
    [InlineData("-123456789012345678901e-1", "-12345678901234567000")]
    [InlineData("6.022140760000000001e23", "6.02214076e+23")]
    [InlineData("1e-400", "0")]
    [InlineData("-0.00001e-400", "0")]
    public void Canonicalize_NumberThatWouldBeRounded_IsRefusedUnlessAllowed(string literal, string rounded)
    {
        AssertRefused(CanonicalJsonErrorCodes.NumberRange, literal);
        Assert.Equal(rounded, Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(literal), LargeIntegers.Round)));
    }

    [Theory]
    [InlineData(CanonicalJsonErrorCodes.NumberRange, "1e309")]
    [InlineData(CanonicalJsonErrorCodes.NumberRange, "[-1e309]")]
    [InlineData(CanonicalJsonErrorCodes.DuplicateKey, """{"a":1,"a":1}""")]
    [InlineData(CanonicalJsonErrorCodes.DuplicateKey, """{"a":1,"\u0061":1}""")]
    [InlineData(CanonicalJsonErrorCodes.DuplicateKey, """{"b":1,"a":1,"c":0,"b":2}""")]
    [InlineData(CanonicalJsonErrorCodes.DuplicateKey, """[{"x":{"\n":1,"b":2,"\u000a":3}}]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\ud800"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\udc00"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\ud800x"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\ud800\ud800"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\udc00\ud800"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """["\ud800\n"]""")]
    [InlineData(CanonicalJsonErrorCodes.LoneSurrogate, """{"\ud800":1}""")]
    public void Canonicalize_NoCanonicalForm_IsRefusedByEveryWay(string code, string text)
    {
        AssertRefused(code, text);
        using var document = JsonDocument.Parse(text);
        Assert.Equal(code, Assert.Throws<CanonicalJsonException>(() => CanonicalJson.ToBytes(document.RootElement)).Code);
        Assert.Equal(code, Assert.Throws<CanonicalJsonException>(() => CanonicalHash.Sha256(document.RootElement)).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("[01]")]
    [InlineData("[+1]")]
    [InlineData("[.5]")]
    [InlineData("[NaN]")]
    [InlineData("'a'")]
    [InlineData("\"\n\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12g4\"")]
    [InlineData("1 2")]
    [InlineData("/* a */ 1")]
    [InlineData("\uFEFF1")]
    [InlineData("tru")]
    [InlineData("[1}")]
    public void Canonicalize_NotJson_IsSyntax(string text) => AssertRefused(CanonicalJsonErrorCodes.Syntax, text);

    [Theory]
    [InlineData("22FF22")]
    [InlineData("22C328 22")]
    [InlineData("22EDA08022")]
    [InlineData("22C08022")]
    public void Canonicalize_NotUtf8_IsSyntax(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.Equal(CanonicalJsonErrorCodes.Syntax, Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(bytes)).Code);
    }

    [Fact]
    public void Canonicalize_Depth_EndsAt64()
    {
        var deepest = new string('[', 64) + new string(']', 64);
        Assert.Equal(deepest, Canonicalize(deepest));
        AssertRefused(CanonicalJsonErrorCodes.Depth, "[" + deepest + "]");
        AssertRefused(CanonicalJsonErrorCodes.Depth, new string('[', 100_000));
        var options = new JsonDocumentOptions { MaxDepth = 100 };
        using var document = JsonDocument.Parse("[" + deepest + "]", options);
        Assert.Equal(
            CanonicalJsonErrorCodes.Depth, Assert.Throws<CanonicalJsonException>(() => CanonicalHash.Sha256(document.RootElement)).Code);
    }

    [Fact]
    public void Canonicalize_Refused_SaysWhere()
    {
        var error = Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize("""{"a":[1,"\ud800"]}"""u8));

        Assert.Equal(9, error.Offset);
    }

    [Fact]
    public void Write_Refused_WritesNothing()
    {
        using var document = JsonDocument.Parse("""{"a":[1,2,"\ud800"]}""");
        var output = new ArrayBufferWriter<byte>();

        Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Write(document.RootElement, output));

        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Write_ElementParsedLeniently_LosesCommentsAndCommas()
    {
        var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        using var document = JsonDocument.Parse("{\"b\":[1,/* x */2,],\"a\":{},}", options);

        Assert.Equal("{\"a\":{},\"b\":[1,2]}", Encoding.UTF8.GetString(CanonicalJson.ToBytes(document.RootElement)));
    }

    [Fact]
    public void Canonicalize_ManyUnsortedMembersAndLongStrings_AgreesWithTheWalk()
    {
        var text = new StringBuilder("{");
        for (var i = 3000; i > 0; i--)
        {
            text.Append($"\"k{i * 7919 % 3001}\":[{i},\"{new string('x', i % 50)}\\n\"],");
        }

        text.Append($"\"long\":\"{new string('y', 100_000)}\\t\",\"plain\":\"{new string('z', 100_000)}\"}}");
        using var document = JsonDocument.Parse(text.ToString());

        var bytes = CanonicalJson.ToBytes(document.RootElement);

        Assert.Equal(Hash256.Of(bytes), CanonicalHash.Sha256(document.RootElement));
        Assert.Equal(bytes, CanonicalJson.Canonicalize(bytes));
    }

    [VectorTheory("jcs")]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void Canonicalize_PublishedVector_GivesItsBytes(string name)
    {
        var folder = VectorFolder.Find("jcs")!;
        var hex = File.ReadAllText(Path.Combine(folder, "outhex", name + ".txt"));
        var expected = Convert.FromHexString(string.Concat(hex.Where(c => !char.IsWhiteSpace(c))));

        var actual = CanonicalJson.Canonicalize(File.ReadAllBytes(Path.Combine(folder, "input", name + ".json")));

        Assert.Equal(expected, actual);
        Assert.Equal(expected, CanonicalJson.Canonicalize(actual));
    }

    private static string Canonicalize(string text) => Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(text)));

    private static void AssertRefused(string code, string text) =>
        Assert.Equal(
            code, Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(text))).Code);
}
