using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

public sealed class CheckTests
{
    private static readonly TypeEnvironment Environment = new(
        ("n", CelType.Double),
        ("i", CelType.Int),
        ("s", CelType.String),
        ("flag", CelType.Bool),
        ("when", CelType.Timestamp),
        ("any", CelType.Dyn),
        ("none", CelType.Null),
        ("numbers", CelType.List(CelType.Double)),
        ("list", CelType.List(CelType.String)),
        ("map", CelType.Map(CelType.String, CelType.Double)),
        ("closed", CelType.Object([new("total", CelType.Double), new("vendor", CelType.String)], open: false)),
        ("open", CelType.Object([new("total", CelType.Double)], open: true)));

    [Theory]
    [InlineData("closed.total > 10.0 && closed.vendor in list", "bool")]
    [InlineData("closed.total > 10", "bool")]
    [InlineData("n == 10", "bool")]
    [InlineData("open.other + 1", "dyn")]
    [InlineData("n + 1", "double")]
    [InlineData("i * n", "double")]
    [InlineData("n / 2", "double")]
    [InlineData("any.a.b[0] + n", "double")]
    [InlineData("list.map(x, x.size())", "list(int)")]
    [InlineData("list.filter(x, x != '')", "list(string)")]
    [InlineData("closed.map(k, k + '!')", "list(string)")]
    [InlineData("map.a + n", "double")]
    [InlineData("map.transformMap(k, v, k.size())", "map(string, int)")]
    [InlineData("list.transformList(i, v, i)", "list(int)")]
    [InlineData("s == null || any == null", "bool")]
    [InlineData("flag ? n : s", "dyn")]
    [InlineData("flag ? 1 : 2", "int")]
    [InlineData("when + duration('1h') - when", "google.protobuf.Duration")]
    [InlineData("when.getHours('UTC') + i", "int")]
    [InlineData("cel.bind(x, n, x + 1.0)", "double")]
    [InlineData("has(open.other) ? 1u : 2u", "uint")]
    [InlineData("[1, 'a'][0]", "dyn")]
    [InlineData("{'a': 1}.a", "int")]
    [InlineData("s.split(',')", "list(string)")]
    [InlineData("int == type(i)", "bool")]
    [InlineData("s.matches('^a+$')", "bool")]
    [InlineData("any.all(x, x)", "bool")]
    [InlineData("any + 's'", "string")]
    [InlineData("dyn(s) + 1", "dyn")]
    [InlineData("null == n || none == null || null in list", "bool")]
    [InlineData("none == any", "bool")]
    [InlineData("numbers == [1, 2u]", "bool")]
    [InlineData("list == []", "bool")]
    [InlineData("[['a']] == [[1]]", "bool")]
    [InlineData("[1, 'a'] == list", "bool")]
    [InlineData("map == closed && map == {}", "bool")]
    [InlineData("n / 0.0", "double")]
    [InlineData("i / -1", "int")]
    [InlineData("i % any", "int")]
    [InlineData("0 / 1", "int")]
    [InlineData("[1, 2][1] + [1, 2][0u] + list.size()", "int")]
    [InlineData("[1, 2][1.0]", "int")]
    [InlineData("list[7]", "string")]
    [InlineData("math.greatest(n, 1, 2u, any)", "dyn")]
    [InlineData("math.least(numbers) + math.least([1, n]) + math.least(any)", "dyn")]
    [InlineData("'%d %f %x %X %b %o %s%%'.format([n, i, s, i, flag, i, list])", "string")]
    [InlineData("'%d %x'.format(any)", "string")]
    [InlineData("'%.2f'.format(numbers)", "string")]
    [InlineData("'%d'.format([any])", "string")]
    [InlineData("s.format([s])", "string")]
    [InlineData("''.format([s])", "string")]
    public void Check_WhatCanSucceed_FindsNothing(string source, string type)
    {
        Assert.Empty(Expression.Parse(source).Check(Environment, out var result));
        Assert.Equal(type, result.ToString());
    }

    [Theory]
    [InlineData("inptu.x", "expression.unknown-name", 0, "no name 'inptu'")]
    [InlineData("lst.size()", "expression.unknown-name", 0, "did you mean 'list'")]
    [InlineData("closed.totl > 1.0", "expression.no-such-field", 6, "did you mean 'total'")]
    [InlineData("closed['nope']", "expression.no-such-field", 6, "fields here: total, vendor")]
    [InlineData("has(closed.nope)", "expression.no-such-field", 10, "nope")]
    [InlineData("s.field", "expression.type", 1, "has no fields")]
    [InlineData("i + 1u", "expression.type", 2, "uint(x)")]
    [InlineData("s + n", "expression.type", 2, "string(x)")]
    [InlineData("n % 2.0", "expression.type", 2, "int(x) % int(y)")]
    [InlineData("any % 2.0", "expression.type", 4, "no %")]
    [InlineData("flag + any", "expression.type", 5, "no +")]
    [InlineData("s > n", "expression.type", 2, "double(text)")]
    [InlineData("list < list", "expression.type", 5, "list < list")]
    [InlineData("s == n", "expression.type", 2, "always false")]
    [InlineData("s != n", "expression.type", 2, "always true")]
    [InlineData("n in list", "expression.type", 2, "never in")]
    [InlineData("none in list", "expression.type", 5, "never in")]
    [InlineData("none == 1", "expression.type", 5, "null_type == int is always false")]
    [InlineData("s != none", "expression.type", 2, "always true")]
    [InlineData("numbers == list", "expression.type", 8, "list(double) == list(string) is true only where both are empty")]
    [InlineData("list != [1]", "expression.type", 5, "false only where both are empty")]
    [InlineData("map == {1: 2.0}", "expression.type", 4, "only where both are empty")]
    [InlineData("map == list.transformMap(i, x, 's')", "expression.type", 4, "only where both are empty")]
    [InlineData("1 / 0", "expression.division-by-zero", 2, "'/' is 0")]
    [InlineData("i % 0", "expression.division-by-zero", 2, "'%' is 0")]
    [InlineData("any / 0u", "expression.division-by-zero", 4, "'/' is 0")]
    [InlineData("i / -0", "expression.division-by-zero", 2, "'/' is 0")]
    [InlineData("n / 0", "expression.division-by-zero", 2, "is 0")]
    [InlineData("[1][2]", "expression.index-out-of-range", 3, "the list has 1 elements")]
    [InlineData("[1][1u]", "expression.index-out-of-range", 3, "none at 1")]
    [InlineData("[][0]", "expression.index-out-of-range", 2, "the list has 0 elements")]
    [InlineData("list[-1]", "expression.index-out-of-range", 4, "from the end")]
    [InlineData("list[0.5]", "expression.invalid-argument", 4, "0.5 is no list position")]
    [InlineData("math.greatest(s)", "expression.type", 5, "takes numbers")]
    [InlineData("math.least(1, flag)", "expression.type", 5, "not bool")]
    [InlineData("math.greatest(list)", "expression.type", 5, "not string")]
    [InlineData("math.greatest(numbers, 1)", "expression.type", 5, "not list(double)")]
    [InlineData("'%d'.format([s])", "expression.type", 13, "%d does not take string")]
    [InlineData("'%s%% %.1f'.format([s, flag])", "expression.type", 23, "%f does not take bool")]
    [InlineData("'%x'.format([n])", "expression.type", 13, "%x does not take double")]
    [InlineData("'%d'.format(list)", "expression.type", 12, "%d does not take string")]
    [InlineData("'%s %s'.format([s])", "expression.invalid-argument", 0, "more values than the list of 1")]
    [InlineData("'%q'.format([s])", "expression.invalid-argument", 0, "'%q' is unknown")]
    [InlineData("'100%'.format([])", "expression.invalid-argument", 0, "ends in '%'")]
    [InlineData("'a' in s", "expression.type", 4, "contains")]
    [InlineData("s && flag", "expression.type", 0, "takes bool")]
    [InlineData("!n", "expression.type", 0, "x != 0.0")]
    [InlineData("-s", "expression.type", 0, "unary")]
    [InlineData("n ? 1 : 2", "expression.type", 2, "?:")]
    [InlineData("list['a']", "expression.type", 4, "position")]
    [InlineData("map[1]", "expression.type", 3, "never")]
    [InlineData("n[0]", "expression.type", 1, "list or a map")]
    [InlineData("n.map(x, x)", "expression.type", 2, "list or a map")]
    [InlineData("list.all(x, x)", "expression.type", 12, "takes bool")]
    [InlineData("list.map(x, x.nope)", "expression.type", 13, "has no fields")]
    [InlineData("list.map(i, i + 1)", "expression.type", 14, "string + int")]
    [InlineData("sise(list)", "expression.unknown-function", 0, "did you mean 'size'")]
    [InlineData("s.nope()", "expression.unknown-function", 2, "nope")]
    [InlineData("size(list, 1)", "expression.type", 0, "size(")]
    [InlineData("s.map(1)", "expression.type", 2, "arguments")]
    [InlineData("size(n)", "expression.type", 0, "it takes size(string)")]
    [InlineData("s.charAt(n)", "expression.type", 2, "charAt(int)")]
    [InlineData("s.matches('(')", "expression.invalid-argument", 10, "pattern")]
    [InlineData("duration('1d')", "expression.invalid-argument", 9, "24h")]
    [InlineData("timestamp('today')", "expression.invalid-argument", 10, "RFC 3339")]
    [InlineData("{1.5: 1}", "expression.type", 1, "map key")]
    [InlineData("{'a': 1, 'a': 2}", "expression.duplicate-key", 9, "twice")]
    public void Check_WhatCanNeverSucceed_IsNamedWithItsPlace(string source, string code, int offset, string part)
    {
        var problem = Assert.Single(Expression.Parse(source).Check(Environment));
        Assert.Equal((code, offset, 1, offset + 1), (problem.Code, problem.Offset, problem.Line, problem.Column));
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_FormatsOfConstants_AgreesWithEvaluation()
    {
        foreach (var clause in "sdfexXob")
        {
            foreach (var value in new[] { "1", "1u", "1.5", "'a'", "b'a'", "true", "null", "[1]", "{'a': 1}", "int", "timestamp(0)", "duration('1s')" })
            {
                var expression = Expression.Parse($"'%{clause}'.format([{value}])");
                var problems = expression.Check(Environment);
                var error = Record.Exception(() => expression.Evaluate(new ExpressionScope())) as ExpressionException;
                Assert.Equal(error?.Code, problems.SingleOrDefault()?.Code);
            }
        }
    }

    [Fact]
    public void Check_SeveralProblems_AreAllFoundInOrder() =>
        Assert.Equal([1, 10, 14], Expression.Parse("[x, closed.z, !n]").Check(Environment).Select(problem => problem.Offset));

    [Fact]
    public void Check_HostFunctions_AreKnownWithTheirTypes()
    {
        var functions = new ExpressionFunctions(
            new ExpressionFunction("secret", 1, body: (Func<IExpressionScope, CelValue[], CelValue>?)null) { Parameters = [CelType.String], Returns = CelType.String });
        Assert.Empty(Expression.Parse("'Bearer ' + secret('key')", functions: functions).Check(Environment));
        Assert.Equal(ExpressionErrorCodes.Type, Expression.Parse("secret(1)", functions: functions).Check(Environment).Single().Code);
        Assert.Equal(ExpressionErrorCodes.Type, Expression.Parse("secret('a', 'b')", functions: functions).Check(Environment).Single().Code);
        Assert.Equal(ExpressionErrorCodes.Type, Expression.Parse("1.0 + secret('a')", functions: functions).Check(Environment).Single().Code);
        Assert.Equal(ExpressionErrorCodes.UnknownFunction, Expression.Parse("secret('a')").Check(Environment).Single().Code);
    }

    [Theory]
    [InlineData("""{"type": "string"}""", "string")]
    [InlineData("""{"type": "integer"}""", "double")]
    [InlineData("""{"type": ["integer", "number"]}""", "double")]
    [InlineData("""{"type": ["string", "null"]}""", "dyn")]
    [InlineData("""{"type": ["boolean"]}""", "bool")]
    [InlineData("""{"type": "null"}""", "null_type")]
    [InlineData("""{"type": "array", "items": {"type": "number"}}""", "list(double)")]
    [InlineData("""{"type": "array", "prefixItems": [{}], "items": {"type": "number"}}""", "list(dyn)")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "string"}}""", "map(string, string)")]
    [InlineData("""{"enum": ["a", "b"]}""", "string")]
    [InlineData("""{"enum": ["a", 1]}""", "dyn")]
    [InlineData("""{"const": 1}""", "double")]
    [InlineData("""{"$ref": "#/x", "type": "string"}""", "dyn")]
    [InlineData("""{"anyOf": [{"type": "string"}]}""", "dyn")]
    [InlineData("true", "dyn")]
    [InlineData("{}", "dyn")]
    [InlineData("""{"properties": {"a": {}}}""", "dyn")]
    [InlineData("""{"type": 7}""", "dyn")]
    public void FromJsonSchema_Schema_GivesWhatIsSure(string schema, string type)
    {
        using var document = JsonDocument.Parse(schema);
        Assert.Equal(type, CelType.FromJsonSchema(document.RootElement).ToString());
    }

    [Fact]
    public void FromJsonSchema_Object_IsClosedOnlyWhereItSaysSo()
    {
        Assert.Equal(ExpressionErrorCodes.NoSuchField, Check("""{"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "number"}}, "additionalProperties": false}}}""", "x.a.c").Code);
        Assert.Equal(ExpressionErrorCodes.Type, Check("""{"type": "object", "properties": {"a": {"type": "number"}}}""", "x.a + 'EUR'").Code);
        using var open = JsonDocument.Parse("""{"type": "object", "properties": {"a": {}}, "patternProperties": {"^z": {}}, "additionalProperties": false}""");
        Assert.Empty(Expression.Parse("x.zz").Check(new TypeEnvironment(("x", CelType.FromJsonSchema(open.RootElement)))));

        static ExpressionError Check(string schema, string source)
        {
            using var document = JsonDocument.Parse(schema);
            return Expression.Parse(source).Check(new TypeEnvironment(("x", CelType.FromJsonSchema(document.RootElement)))).Single();
        }
    }
}
