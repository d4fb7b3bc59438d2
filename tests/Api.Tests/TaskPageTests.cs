using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Language;

namespace Countersign.Api.Tests;

public sealed partial class TaskPageTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Link_OpenedInABrowser_IsAPageThatRunsItsOwnScriptOnly()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var link = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" });
        using var browser = server.With(null);
        using var response = await OpenAsync(browser, link.Text("path").Split('#')[0]);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal((200, "text/html"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        foreach (var text in new[] { Script().Match(page).Groups[1].Value, Style().Match(page).Groups[1].Value })
        {
            Assert.Contains($"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'", policy, StringComparison.Ordinal);
        }

        // Nothing of the task is in it, it loads nothing, and data becomes text only.
        Assert.DoesNotContain(approval.Text("run"), page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)https?:|innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(| on[a-z]+=|src=|href=", page);
    }

    [Fact]
    public async Task Link_OfATaskThatThereIsNot_IsTheSamePage()
    {
        var (_, approval) = await server.StartApprovalAsync();
        using var browser = server.With(null);
        using var real = await OpenAsync(browser, "/v1/tasks/" + approval.Text("id"));
        using var other = await OpenAsync(browser, "/v1/tasks/none.at-all:1:1");
        Assert.Equal(await real.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Task_AskedForWithItsToken_IsJsonForABrowserToo()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var link = await server.Admin.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" });
        using var browser = server.With(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/tasks/" + approval.Text("id"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Task", link.Text("token"));
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        using var response = await browser.SendAsync(request);
        Assert.Equal("open", (await response.ReadAsync(200)).Text("state"));
    }

    [Fact]
    public async Task Page_HiddenCharacters_AreTheOneListOfTheProduct()
    {
        using var browser = server.With(null);
        using var response = await OpenAsync(browser, "/v1/tasks/none.at-all:1:1");
        var script = Script().Match(await response.Content.ReadAsStringAsync()).Groups[1].Value;

        var ranges = Hidden().Match(script).Groups["range"].Captures
            .Select(range => range.Value.Split('-').Select(end => Convert.ToInt32(end[3..^1], 16)).ToArray()).ToArray();

        Assert.NotEmpty(ranges);
        var wrong = Enumerable.Range(0, 0x110000)
            .Where(Rune.IsValid)
            .Where(value => Array.Exists(ranges, range => range[0] <= value && value <= range[1]) != (value is '\t' or '\r' || HiddenCharacter.Is(new Rune(value))));
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Page_Choice_IsSentByItsPlaceAndNeverByItsText()
    {
        using var browser = server.With(null);
        using var response = await OpenAsync(browser, "/v1/tasks/none.at-all:1:1");
        var script = Script().Match(await response.Content.ReadAsStringAsync()).Groups[1].Value;

        Assert.Contains("rule.enum.forEach((item, place) => option(written(item), place))", script, StringComparison.Ordinal);
        Assert.Contains("rule.enum[Number(list.value)]", script, StringComparison.Ordinal);
        Assert.DoesNotContain("list.value = rule.default", script, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient browser, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        return await browser.SendAsync(request);
    }

    [GeneratedRegex(@"const hidden = /\[(?<range>\\u\{[0-9a-f]+\}-\\u\{[0-9a-f]+\})+\]/gu;")]
    private static partial Regex Hidden();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
