using System.Text;
using Countersign.Canonical;

namespace Countersign.Core.Tests.Ledger.Canonical;

public sealed class JsonPlaceTests
{
    [Theory]
    [InlineData("9007199254740993", "")]
    [InlineData("[1,[],{},[2,9007199254740993]]", "/3/1")]
    [InlineData("""{"a":{"b":1},"c":[{"d":"x"},{"e":9007199254740993}]}""", "/c/1/e")]
    [InlineData("""{"a/b":{"c~d":1e999}}""", "/a~1b/c~0d")]
    [InlineData("""{"":[1e999]}""", "//0")]
    [InlineData("""{"a":"\ud800"}""", "/a")]
    [InlineData("""{"a":1,"b":{"x":1,"x":2}}""", "/b/x")]
    public void Canonicalize_ValueWithoutForm_NamesItsPlace(string text, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(text))).Pointer);

    [Fact]
    public void Canonicalize_NameThatIsHalfASurrogatePair_IsNamedAsItIsWritten() =>
        Assert.Equal("/a/half \\ud800", Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalize("""{"a":{"half \ud800":1}}"""u8)).Pointer);
}
