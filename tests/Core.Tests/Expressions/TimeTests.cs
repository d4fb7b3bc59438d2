namespace Countersign.Core.Tests.Expressions;

public sealed class TimeTests
{
    private const string T = "timestamp('2009-02-13T23:31:30.123456789Z')";

    [Theory]
    [InlineData("getFullYear()", 2009)]
    [InlineData("getMonth()", 1)]
    [InlineData("getDate()", 13)]
    [InlineData("getDayOfMonth()", 12)]
    [InlineData("getDayOfWeek()", 5)]
    [InlineData("getDayOfYear()", 43)]
    [InlineData("getHours()", 23)]
    [InlineData("getMinutes()", 31)]
    [InlineData("getSeconds()", 30)]
    [InlineData("getMilliseconds()", 123)]
    [InlineData("getHours('+02:00')", 1)]
    [InlineData("getDate('+02:00')", 14)]
    [InlineData("getHours('-09:30')", 14)]
    [InlineData("getHours('02:00')", 1)]
    [InlineData("getHours('UTC')", 23)]
    [InlineData("getHours('Europe/Paris')", 0)]
    [InlineData("getMinutes('Asia/Kathmandu')", 16)]
    public void Evaluate_Accessor_ReadsTheCalendar(string accessor, int expected) =>
        Assert.Equal(expected.ToString(System.Globalization.CultureInfo.InvariantCulture), Cel.Shown($"{T}.{accessor}"));

    [Theory]
    [InlineData("timestamp('2024-02-29T00:00:00Z').getDayOfYear()", "59")]
    [InlineData("timestamp('1900-03-01T00:00:00Z').getDayOfWeek()", "4")]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getFullYear()", "1")]
    [InlineData("timestamp('0001-01-01T00:00:00Z').getFullYear('-01:00')", "0")]
    [InlineData("timestamp('9999-12-31T23:59:59Z').getFullYear('+01:00')", "10000")]
    [InlineData("timestamp('1969-12-31T23:59:59.999Z').getMilliseconds()", "999")]
    [InlineData("duration('90m').getHours()", "1")]
    [InlineData("duration('90m').getMinutes()", "90")]
    [InlineData("duration('90m').getSeconds()", "5400")]
    [InlineData("duration('1.234s').getMilliseconds()", "234")]
    public void Evaluate_Accessor_HoldsAtTheEdges(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("timestamp('2020-01-01T00:00:00Z') + duration('24h')", "timestamp 2020-01-02T00:00:00Z")]
    [InlineData("duration('1ns') + timestamp('2020-01-01T00:00:00Z')", "timestamp 2020-01-01T00:00:00.000000001Z")]
    [InlineData("timestamp('2020-01-01T00:00:00Z') - duration('1ns')", "timestamp 2019-12-31T23:59:59.999999999Z")]
    [InlineData("timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z')", "duration 86400s")]
    [InlineData("duration('1h') - duration('1m')", "duration 3540s")]
    [InlineData("duration('1h2m3s4ms5us6ns')", "duration 3723.004005006s")]
    [InlineData("duration('-1.5h')", "duration -5400s")]
    [InlineData("duration('+1µs')", "duration 0.000001s")]
    [InlineData("duration('.5s')", "duration 0.5s")]
    [InlineData("duration('0')", "duration 0s")]
    [InlineData("timestamp(1)", "timestamp 1970-01-01T00:00:01Z")]
    public void Evaluate_TimeArithmetic_IsExactToTheNanosecond(string source, string expected) => Assert.Equal(expected, Cel.Shown(source));

    [Theory]
    [InlineData("timestamp('2020-01-01T00:00:00Z') < timestamp('2020-01-01T00:00:00.1Z')")]
    [InlineData("timestamp('2020-01-01T01:00:00+01:00') == timestamp('2020-01-01T00:00:00Z')")]
    [InlineData("duration('60s') == duration('1m') && duration('-1s') < duration('0')")]
    public void Evaluate_TimeComparison_FollowsTheInstant(string source) => Assert.True(Cel.IsTrue(source));

    [Theory]
    [InlineData("timestamp('2020-02-30T00:00:00Z')", "expression.invalid-argument")]
    [InlineData("timestamp('2020-01-01 00:00:00Z')", "expression.invalid-argument")]
    [InlineData("timestamp('2020-01-01T00:00:00')", "expression.invalid-argument")]
    [InlineData("timestamp('2020-01-01T00:00:60Z')", "expression.invalid-argument")]
    [InlineData("timestamp('2020-01-01T00:00:00.1234567891Z')", "expression.invalid-argument")]
    [InlineData("timestamp('2020-01-01T00:00:00.Z')", "expression.invalid-argument")]
    [InlineData("timestamp('0001-01-01T00:00:00+01:00')", "expression.invalid-argument")]
    [InlineData("timestamp(253402300800)", "expression.overflow")]
    [InlineData("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "expression.overflow")]
    [InlineData("timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')", "expression.overflow")]
    [InlineData("duration('9223372036s') + duration('1s')", "expression.overflow")]
    [InlineData("duration('320000000000s')", "expression.overflow")]
    [InlineData("duration('99999999999999999999999999999999h')", "expression.overflow")]
    [InlineData("duration('1d')", "expression.invalid-argument")]
    [InlineData("duration('')", "expression.invalid-argument")]
    [InlineData("duration('1')", "expression.invalid-argument")]
    [InlineData("duration('s')", "expression.invalid-argument")]
    [InlineData("timestamp(0).getHours('Nowhere/City')", "expression.invalid-argument")]
    [InlineData("timestamp(0).getHours('../../etc/passwd')", "expression.invalid-argument")]
    [InlineData("timestamp(0).getHours('')", "expression.invalid-argument")]
    [InlineData("timestamp(0).getHours('+24:00')", "expression.invalid-argument")]
    [InlineData("timestamp(0) + timestamp(0)", "expression.type")]
    [InlineData("duration('1s').getFullYear()", "expression.type")]
    [InlineData("duration('1s').getHours('UTC')", "expression.type")]
    public void Evaluate_Time_RefusesWhatIsNone(string source, string code) => Assert.Equal(code, Cel.Error(source).Code);
}
