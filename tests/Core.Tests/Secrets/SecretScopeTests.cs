using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Secrets;

namespace Countersign.Core.Tests.Secrets;

public sealed class SecretScopeTests
{
    private readonly TestSecrets _store = new(("first", "alpha"), ("alpha", "omega"), ("number", "12ab"));

    [Fact]
    public async Task RenderAsync_SecretNamedByASecret_FetchedStepByStep()
    {
        var scope = Scope();

        var rendered = await RenderAsync(scope, "${ secret(secret('first')) }");

        Assert.Equal("omega", rendered.GetString());
        Assert.Equal(["alpha", "first"], scope.Names.Where(name => name.Length > 0));
        Assert.Equal("*** ***", scope.Values.Scrub("alpha omega"));
    }

    [Fact]
    public async Task RenderAsync_SecretUsedTwice_FetchedOnceAndOnlyItself()
    {
        await RenderAsync(Scope(), "${ secret('first') } ${ secret('first') }");

        Assert.Equal(["acme/first"], _store.Asked);
    }

    [Fact]
    public async Task RenderAsync_Unknown_FailsByName()
    {
        var exception = await Assert.ThrowsAsync<ExpressionException>(() => RenderAsync(Scope(), "${ secret('nothing') }"));

        Assert.Equal("secret.not-found", exception.Code);
        Assert.Contains("nothing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RenderAsync_ExpressionThatFailsOverTheStandIn_RenderedWithTheSecret() =>
        Assert.Equal(4, (await RenderAsync(Scope(), "${ double(size(secret('number'))) / (secret('number') == '' ? 0.0 : 1.0) }")).GetDouble());

    [Fact]
    public async Task RenderAsync_TooMany_Refused()
    {
        var template = string.Concat(Enumerable.Range(0, SecretScope.Most + 1).Select(i => $"${{ secret('s{i}') }}"));

        var exception = await Assert.ThrowsAsync<ExpressionException>(() => RenderAsync(Scope(), template));

        Assert.Equal("secret.too-many", exception.Code);
        Assert.Empty(_store.Asked);
    }

    private SecretScope Scope() => new(ExpressionScope.Empty, "acme", _store);

    private static async Task<JsonElement> RenderAsync(SecretScope scope, string template)
    {
        var compiled = Template.FromText(template);
        return await scope.RenderAsync(compiled.Render, default);
    }
}
