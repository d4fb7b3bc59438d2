using System.Security.Cryptography;

namespace Countersign.Api.Tests;

public sealed class ArtifactTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Store_Content_IsFoundByItsHash()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        for (var times = 0; times < 2; times++)
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.TryAddWithoutValidation("Content-Type", "image/svg+xml");
            using var response = await server.Engineer.PostAsync("/v1/artifacts", content);
            var stored = await response.ReadAsync(201);
            Assert.Equal((hash, 100_000, "image/svg+xml", "eve"), (stored.Text("sha256"), stored.GetProperty("size").GetInt32(), stored.Text("mediaType"), stored.Text("by")));
            Assert.Equal("/v1/artifacts/" + hash, response.Headers.Location!.OriginalString);
        }

        using var read = await server.Admin.GetAsync("/v1/artifacts/" + hash);
        Assert.Equal(bytes, await read.Content.ReadAsByteArrayAsync());
        Assert.Equal("application/octet-stream", read.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", read.Content.Headers.ContentDisposition!.DispositionType);
        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=artifact.*&limit=200")).Items()
            .Where(entry => entry.GetProperty("data").Text("sha256") == hash).Select(entry => entry.Text("type"));
        Assert.Equal(["artifact.stored", "artifact.read"], log);
        Assert.Contains((await server.Admin.GetJsonAsync("/v1/artifacts?limit=200")).Items(), item => item.Text("sha256") == hash);
    }

    [Fact]
    public async Task Store_SameAtOnce_IsOneArtifact()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.Engineer.PostTextAsync("/v1/artifacts", "the same", 201)));
        Assert.Single(answers.Select(answer => answer.GetRawText()).Distinct());
    }

    [Fact]
    public async Task Store_OverTheLimit_IsTooLarge()
    {
        using var content = new ByteArrayContent(new byte[CountersignApi.MaxBody + 1]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/artifacts") { Content = content };
        request.Headers.ExpectContinue = true;
        await server.Engineer.SendAsync(request).ProblemAsync(413, "request.too-large");
        using var most = new ByteArrayContent(new byte[CountersignApi.MaxBody]);
        using var stored = await server.Engineer.PostAsync("/v1/artifacts", most);
        await stored.ReadAsync(201);
    }

    [Fact]
    public async Task Read_OutputOfARun_IsNoUpload()
    {
        var run = await server.StartAsync("hello", new { name = "x" });
        foreach (var hash in (string[])[run.Text("definition"), new string('0', 64), "..%2f..%2fkeys", "x"])
        {
            Assert.Equal("artifact.not-found", (await server.Admin.GetJsonAsync("/v1/artifacts/" + hash, 404)).Text("title"));
        }
    }

    [Fact]
    public async Task Link_Token_ReadsThatOneArtifactWithoutAKey()
    {
        var stored = (await server.Engineer.PostTextAsync("/v1/artifacts", "to be shared", 201)).Text("sha256");
        var other = (await server.Engineer.PostTextAsync("/v1/artifacts", "not to be shared", 201)).Text("sha256");
        var link = await server.Engineer.PostJsonAsync($"/v1/artifacts/{stored}/links", new { expiresIn = "7d" });
        Assert.Equal($"/v1/shared/{stored}#{link.Text("token")}", link.Text("path"));

        using var nobody = server.With(null);
        using var response = await nobody.SendAsync(Shared(stored, link.Text("token")));
        Assert.Equal("to be shared", await response.Content.ReadAsStringAsync());
        await nobody.SendAsync(Shared(other, link.Text("token"))).ProblemAsync(401, "artifact.link-invalid");
        await nobody.SendAsync(Shared(stored, link.Text("token")[..^2] + "AA")).ProblemAsync(401, "artifact.link-invalid");
        await nobody.SendAsync(Shared(stored, "x")).ProblemAsync(401, "artifact.link-invalid");
        await nobody.SendAsync(Shared(stored, null)).ProblemAsync(401, "artifact.link-missing");
        using var elsewhere = Shared(stored, link.Text("token"));
        elsewhere.Headers.Add("X-Tenant-ID", "globex");
        await nobody.SendAsync(elsewhere).ProblemAsync(403, "access.other-tenant");

        var log = (await server.Admin.GetJsonAsync("/v1/audit/events?type=artifact.*&limit=200")).Items()
            .Where(entry => entry.GetProperty("data").Text("sha256") == stored).Select(entry => $"{entry.Text("type")} {entry.Text("actor")}");
        Assert.Equal(["artifact.stored eve", "artifact.link_made eve", "artifact.read eve"], log);
    }

    [Theory]
    [InlineData("8d")]
    [InlineData("0s")]
    [InlineData("-1h")]
    [InlineData("soon")]
    public async Task Link_LengthThatNoneMayHave_IsRefused(string expiresIn)
    {
        var stored = (await server.Engineer.PostTextAsync("/v1/artifacts", "to be shared", 201)).Text("sha256");
        var problem = await server.Engineer.PostJsonAsync($"/v1/artifacts/{stored}/links", new { expiresIn }, 400);
        Assert.Equal("/expiresIn", problem.GetProperty("errors")[0].Text("pointer"));
    }

    [Fact]
    public async Task Link_TokenOfATask_IsNotOneOfAnArtifact()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var task = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" });
        var stored = (await server.Engineer.PostTextAsync("/v1/artifacts", "to be shared", 201)).Text("sha256");
        using var nobody = server.With(null);
        await nobody.SendAsync(Shared(stored, task.Text("token"))).ProblemAsync(401, "artifact.link-invalid");
        await server.Stranger.PostJsonAsync($"/v1/artifacts/{stored}/links", new { }, 404);
    }

    private static HttpRequestMessage Shared(string hash, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/shared/" + hash);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Artifact " + token);
        }

        return request;
    }
}
