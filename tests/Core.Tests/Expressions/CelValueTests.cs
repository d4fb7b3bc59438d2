using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class CelValueTests
{
    private static string Json(CelValue value) => value.ToJsonElement().GetRawText();

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-9007199254740991", "-9007199254740991")]
    [InlineData("9007199254740991u", "9007199254740991")]
    [InlineData("1.0", "1")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("'a\"é'", "\"a\\u0022\\u00E9\"")]
    [InlineData("b'hi'", "\"aGk=\"")]
    [InlineData("timestamp('2020-01-01T00:00:00.5+01:00')", "\"2019-12-31T23:00:00.5Z\"")]
    [InlineData("duration('1500ms')", "\"1.5s\"")]
    [InlineData("null", "null")]
    [InlineData("[1, [true], {}]", "[1,[true],{}]")]
    [InlineData("{'b': 1, 2: 'x', true: null, 3u: 4.5}", """{"b":1,"2":"x","true":null,"3":4.5}""")]
    public void ToJson_Value_FollowsTheMapping(string source, string json) =>
        Assert.Equal(json, Json(Expression.Parse(source).Evaluate(ExpressionScope.Empty)));

    [Theory]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("9007199254740992u")]
    [InlineData("0.0 / 0.0")]
    [InlineData("[1.0 / 0.0]")]
    [InlineData("type(1)")]
    [InlineData("{1: 'a', '1': 'b'}")]
    public void ToJson_WhatJsonCannotHold_IsNotJson(string source)
    {
        var value = Expression.Parse(source).Evaluate(ExpressionScope.Empty);
        Assert.Equal(ExpressionErrorCodes.NotJson, Assert.Throws<ExpressionException>(() => value.ToJsonElement()).Code);
    }

    [Theory]
    [InlineData("'a\"b'", "a\"b")]
    [InlineData("1", "1")]
    [InlineData("1u", "1")]
    [InlineData("2.0", "2")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1.0 / 3.0", "0.3333333333333333")]
    [InlineData("true", "true")]
    [InlineData("null", "null")]
    [InlineData("b'hi'", "aGk=")]
    [InlineData("int", "int")]
    [InlineData("duration('90s')", "90s")]
    [InlineData("{'b': [1.0, 'é\\n'], 'a': null}", "{\"a\":null,\"b\":[1,\"é\\n\"]}")]
    public void ToText_Value_IsTheJoiningForm(string source, string text) =>
        Assert.Equal(text, Expression.Parse(source).Evaluate(ExpressionScope.Empty).ToText());

    [Fact]
    public void FromJson_Anything_GoesOutAsItCameIn()
    {
        const string Source = """{"a":[1,2.50,{"b":null}],"c":"x","d":true}""";
        using var document = JsonDocument.Parse(Source);
        var value = CelValue.FromJson(document.RootElement);
        Assert.Equal(Source, Json(value));
        Assert.Equal("""{"x":[1,2.50,{"b":null}]}""", Json(Expression.Parse("{'x': v.a}").Evaluate(new ExpressionScope(("v", value)))));
    }

    [Fact]
    public void FromJson_Numbers_AreDoubles() => Assert.Equal("double 3", Cel.Shown("n", """{"n": 3}"""));

    [Fact]
    public void FromJson_DuplicateProperty_LastCounts()
    {
        Assert.Equal("double 2", Cel.Shown("m.a", """{"m": {"a": 1, "a": 2}}"""));
        Assert.Equal("1", Cel.Shown("size(m)", """{"m": {"a": 1, "a": 2}}"""));
        Assert.Equal("true", Cel.Shown("m == {'a': 2}", """{"m": {"a": 1, "a": 2}}"""));
    }

    [Theory]
    [InlineData("m.a == 'x'")]
    [InlineData("'x' in m.l")]
    [InlineData("m.n.x == 1")]
    [InlineData("m.n.map(k, k)")]
    [InlineData("m.k.x")]
    public void FromJson_UnpairedSurrogate_IsATypedError(string source) => Assert.Equal(
        ExpressionErrorCodes.InvalidArgument,
        Cel.Error(source, """{"m": {"a": "\ud800", "l": ["\ud800"], "n": {"\ud800": 1}, "k": {"\ud800": 1}}}""").Code);

    [Fact]
    public void FromJson_NumberBeyondDouble_Overflows() =>
        Assert.Equal(ExpressionErrorCodes.Overflow, Cel.Error("m.n > 1.0", """{"m": {"n": 1e999}}""").Code);

    [Theory]
    [InlineData("m == m")]
    [InlineData("m == {'l': [1, 'x', [null]], 'o': {'p': true}}")]
    [InlineData("m.l.size() == 3 && m.size() == 2")]
    [InlineData("m.map(k, k) == ['l', 'o']")]
    [InlineData("m.l.exists(i, v, i == 1 && v == 'x')")]
    [InlineData("m.l + [2] == [1, 'x', [null], 2]")]
    [InlineData("1 in m.l && 'x' in m.l && [null] in m.l && !('y' in m.l) && 'o' in m && !(1 in m)")]
    [InlineData("m['o']['p'] && m.l[0] == 1 && has(m.o.p) && !has(m.o.q)")]
    [InlineData("type(m) == map && type(m.l) == list")]
    [InlineData("m.l.join == 1 || true")]
    public void Evaluate_JsonData_ActsAsListsAndMaps(string source) =>
        Assert.True(Cel.IsTrue(source, """{"m": {"l": [1, "x", [null]], "o": {"p": true}}}"""));

    [Fact]
    public void Equals_EqualNumbersOfAnyKind_AreEqualWithEqualHash()
    {
        CelValue[] ones = [CelValue.Int(1), CelValue.Uint(1), CelValue.Double(1)];
        Assert.All(ones, a => Assert.All(ones, b => Assert.True(a == b && a.GetHashCode() == b.GetHashCode())));
        Assert.True(CelValue.Double(double.NaN) != CelValue.Double(double.NaN));
    }

    [Fact]
    public void Factories_Values_ReturnWhatWentIn()
    {
        var time = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 500, TimeSpan.Zero);
        Assert.Equal((-1, 500_000_000), CelValue.Timestamp(time).AsTimestamp());
        Assert.Equal(CelValue.Timestamp(-1, 500_000_000), CelValue.Timestamp(time));
        Assert.Throws<ArgumentOutOfRangeException>(() => CelValue.Timestamp(253_402_300_800, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CelValue.Timestamp(0, 1_000_000_000));
        Assert.Throws<InvalidOperationException>(() => CelValue.Int(1).AsString());
        Assert.Equal([1, 2], CelValue.Bytes([1, 2]).AsBytes().ToArray());
        Assert.Equal(7, CelValue.Duration(7).AsDuration());
        Assert.Equal(CelKind.Null, default(CelValue).Kind);
        KeyValuePair<CelValue, CelValue> entry = new(CelValue.Int(1), CelValue.Null);
        KeyValuePair<CelValue, CelValue> same = new(CelValue.Double(1), CelValue.Null);
        Assert.Equal(ExpressionErrorCodes.Type, Assert.Throws<ExpressionException>(() => CelValue.Map([same])).Code);
        Assert.Equal(ExpressionErrorCodes.DuplicateKey, Assert.Throws<ExpressionException>(() => CelValue.Map([entry, entry])).Code);
    }
}
