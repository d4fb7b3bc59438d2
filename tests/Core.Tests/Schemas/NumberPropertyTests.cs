using System.Globalization;
using System.Numerics;
using System.Text;
using Countersign.Schemas.Values;
using FsCheck;
using FsCheck.Fluent;

namespace Countersign.Core.Tests.Schemas;

/// <summary>JSON numbers against big integers: the same order, the same divisibility, whatever the spelling.</summary>
public sealed class NumberPropertyTests
{
    private static readonly Gen<(BigInteger Digits, int Exponent)> Numbers =
        from digits in Gen.OneOf(
            Gen.Choose(-20, 20).Select(i => new BigInteger(i)),
            Gen.Choose(int.MinValue, int.MaxValue).Select(i => new BigInteger(i) * 1_000_003),
            Gen.Choose(1, int.MaxValue).Two().Select(p => BigInteger.Pow(p.Item1, 3) * p.Item2))
        from exponent in Gen.Choose(-12, 12)
        select (digits, exponent);

    [Fact]
    public void CompareTo_AnySpelling_OrdersLikeIntegers() => Prop.ForAll(
        Numbers.Two().ToArbitrary(),
        pair =>
        {
            int expected = Scaled(pair.Item1).CompareTo(Scaled(pair.Item2));
            foreach (string left in Spellings(pair.Item1))
            {
                foreach (string right in Spellings(pair.Item2))
                {
                    JsonNumber one = Parse(left);
                    JsonNumber other = Parse(right);
                    Assert.Equal(expected, Math.Sign(one.CompareTo(other)));
                    Assert.Equal(-expected, Math.Sign(other.CompareTo(one)));
                    if (expected == 0)
                    {
                        Assert.Equal(one.Hash(), other.Hash());
                    }
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void IsMultipleOf_AnySpelling_DividesLikeIntegers() => Prop.ForAll(
        Numbers.Two().Where(p => !p.Item2.Digits.IsZero).ToArbitrary(),
        pair =>
        {
            (BigInteger Digits, int Exponent) divisor = (BigInteger.Abs(pair.Item2.Digits), pair.Item2.Exponent);
            (BigInteger, int) multiple = (divisor.Digits * pair.Item1.Digits, divisor.Exponent + Math.Abs(pair.Item1.Exponent % 5));
            Assert.Equal((Scaled(pair.Item1) % Scaled(divisor)).IsZero, Parse(Spellings(pair.Item1)[0]).IsMultipleOf(Parse(Spellings(divisor)[0])));
            Assert.True(Parse(Spellings(multiple)[0]).IsMultipleOf(Parse(Spellings(divisor)[0])));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void IsInteger_AnySpelling_KnowsFractions() => Prop.ForAll(
        Numbers.ToArbitrary(),
        number =>
        {
            bool expected = number.Exponent >= 0 || (number.Digits % BigInteger.Pow(10, -number.Exponent)).IsZero;
            Assert.All(Spellings(number), s => Assert.Equal(expected, Parse(s).IsInteger));
        }).QuickCheckThrowOnFailure();

    private static JsonNumber Parse(string text) => JsonNumber.Parse(Encoding.ASCII.GetBytes(text));

    private static BigInteger Scaled((BigInteger Digits, int Exponent) number) => number.Digits * BigInteger.Pow(10, number.Exponent + 20);

    private static string[] Spellings((BigInteger Digits, int Exponent) number)
    {
        (BigInteger digits, int exponent) = number;
        string sign = digits.Sign < 0 ? "-" : "";
        string text = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture);
        string padded = text.PadLeft(Math.Max(text.Length, 1 - Math.Min(0, exponent)), '0');
        string plain = exponent >= 0 ? (digits.IsZero ? "0" : text + new string('0', exponent)) : $"{padded[..^-exponent]}.{padded[^-exponent..]}";
        return
        [
            sign + plain,
            $"{sign}{text}e{exponent}",
            $"{sign}{text}.000E{(exponent < 0 ? "" : "+")}{exponent.ToString("00", CultureInfo.InvariantCulture)}",
            string.Create(CultureInfo.InvariantCulture, $"{sign}{text[0]}.{text[1..]}0e{exponent + text.Length - 1}"),
        ];
    }
}
