using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Countersign.Access;

namespace Countersign.Api.Tests;

public sealed class PeopleTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Inbox_OfEach_HoldsWhatIsAddressedToThem()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var form = (await server.StartAsync("ask")).Text("id");
        using var fay = await server.AsAsync("fay", Role.Growth);
        Assert.Contains((await server.Approver.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == run);
        Assert.DoesNotContain((await server.Approver.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == form);
        Assert.Contains((await fay.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == form);
        Assert.Equal(approval.GetRawText(), (await server.Approver.GetJsonAsync("/v1/approvals/" + approval.Text("id"))).GetRawText());
        Assert.Equal("wait.not-yours", (await fay.GetJsonAsync("/v1/approvals/" + approval.Text("id"), 403)).Text("title"));
        await fay.GetJsonAsync("/v1/approvals/none.at-all:1:1", 404);
        var pages = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await server.Admin.GetJsonAsync("/v1/approvals?limit=1" + (cursor.Length == 0 ? "" : "&cursor=" + cursor));
            pages.AddRange(page.Items().Select(wait => wait.Text("id")));
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(pages.Distinct(), pages);
        Assert.Contains(approval.Text("id"), pages);
    }

    [Theory]
    [InlineData("approved", "completed")]
    [InlineData("rejected", "failed")]
    public async Task Decide_ByAnApprover_EndsTheWait(string decision, string status)
    {
        var (run, approval) = await server.StartApprovalAsync();
        var path = "/v1/approvals/" + approval.Text("id");
        await server.Approver.PostTextAsync(path + "/claim", "", 200);
        var decided = await server.Approver.PostJsonAsync(path + "/decide", new { decision, shown = approval.Text("shownHash"), reason = "seen" });
        Assert.Equal(decision, decided.GetProperty("value").Text("decision"));
        Assert.Equal(status, (await server.SettledAsync(run)).Text("status"));
        Assert.Equal("wait.closed", (await server.Approver.PostJsonAsync(path + "/decide", new { decision, shown = approval.Text("shownHash") }, 409)).Text("title"));
        Assert.DoesNotContain((await server.Admin.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == run);
    }

    [Fact]
    public async Task Decide_AgainstTheRules_IsRefusedAndChangesNothing()
    {
        using var both = await server.AsAsync("bob", Role.Engineer, Role.Approver);
        var (run, approval) = await server.StartApprovalAsync(both);
        var path = "/v1/approvals/" + approval.Text("id") + "/decide";
        var shown = approval.Text("shownHash");
        Assert.Equal("wait.own-request", (await both.PostJsonAsync(path, new { decision = "approved", shown }, 403)).Text("title"));
        Assert.Equal("wait.not-yours", (await server.Engineer.PostJsonAsync(path, new { decision = "approved", shown }, 403)).Text("title"));
        Assert.Equal("wait.payload-changed", (await server.Approver.PostJsonAsync(path, new { decision = "approved", shown = new string('0', 64) }, 409)).Text("title"));
        Assert.Equal("wait.text-invalid", (await server.Approver.PostJsonAsync(path, new { decision = "approved", shown, reason = " " }, 422)).Text("title"));
        var after = await server.FindWaitAsync(run);
        Assert.Equal(("open", 0), (after.Text("state"), after.GetProperty("votes").GetArrayLength()));
    }

    [Fact]
    public async Task Delegate_ToNobodyWhoIsKnown_IsRefusedAndNoLinkIsMadeForThem()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var path = "/v1/approvals/" + approval.Text("id");
        var refused = await server.Approver.PostJsonAsync(path + "/delegate", new { to = "ghost" }, 422);
        Assert.Equal(("wait.person-unknown", "/to"), (refused.Text("title"), refused.GetProperty("errors")[0].Text("pointer")));
        Assert.Equal("task.addressee-unknown", (await server.Admin.PostJsonAsync(path + "/links", new { addressee = "ghost" }, 422)).Text("title"));
    }

    [Fact]
    public async Task Link_MadeByOneWhoMakesNoKeys_IsNotMade()
    {
        using var both = await server.AsAsync("carl", Role.Approver, Role.Engineer);
        var (_, approval) = await server.StartApprovalAsync();
        await both.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/links", new { addressee = "pat" }, 403);
    }

    [Fact]
    public async Task Message_RepeatedWithItsKey_IsSaidOnce()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var path = $"/v1/approvals/{approval.Text("id")}/messages";
        var statuses = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => await SayAsync(path, "hello?", "m-" + run)));
        Assert.Contains(200, statuses);
        Assert.All(statuses, status => Assert.Contains(status, new[] { 200, 409 }));
        Assert.Equal(200, await SayAsync(path, "hello?", "m-" + run));
        Assert.Equal(422, await SayAsync(path, "something else", "m-" + run));
        Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.message")).Items());
    }

    [Fact]
    public async Task Delegate_ToAnotherPerson_MovesTheVote()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var path = "/v1/approvals/" + approval.Text("id");
        using var dan = await server.AsAsync("dan", Role.Growth);
        await server.AsAsync("vic", Role.Viewer);
        Assert.Equal("wait.not-yours", (await dan.PostTextAsync(path + "/claim", "", 403)).Text("title"));
        var requester = await server.Approver.PostJsonAsync(path + "/delegate", new { to = "eve" }, 422);
        Assert.Equal(("wait.requester-cannot-act", "/to"), (requester.Text("title"), requester.GetProperty("errors")[0].Text("pointer")));
        Assert.Equal("request.body-invalid", (await server.Approver.PostJsonAsync(path + "/delegate", new { to = "no one" }, 400)).Text("title"));
        Assert.Equal("wait.person-unknown", (await server.Approver.PostJsonAsync(path + "/delegate", new { to = "vic" }, 422)).Text("title"));
        Assert.Equal("wait.delegate-invalid", (await server.Approver.PostJsonAsync(path + "/delegate", new { to = "pam" }, 422)).Text("title"));

        await server.Approver.PostTextAsync(path + "/claim", "", 200);
        var moved = await server.Approver.PostJsonAsync(path + "/delegate", new { to = "dan" });
        Assert.Equal(("open", false), (moved.Text("state"), moved.TryGetProperty("claimedBy", out _)));
        Assert.Equal(("pam", "dan"), (moved.GetProperty("handed")[0].Text("from"), moved.GetProperty("handed")[0].Text("to")));
        var vote = new { decision = "approved", shown = approval.Text("shownHash") };
        Assert.Equal("wait.handed-on", (await server.Approver.PostJsonAsync(path + "/decide", vote, 403)).Text("title"));
        Assert.DoesNotContain((await server.Approver.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == run);
        await server.Admin.PostJsonAsync(path + "/links", new { addressee = "pam" }, 422);
        await dan.PostJsonAsync(path + "/decide", vote);
        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
    }

    [Fact]
    public async Task Delegate_BackAgain_GivesTheVoteBack()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var path = "/v1/approvals/" + approval.Text("id");
        using var dan = await server.AsAsync("dan", Role.Growth);
        await server.Approver.PostJsonAsync(path + "/delegate", new { to = "dan" });
        await dan.PostJsonAsync(path + "/delegate", new { to = "pam" });
        var vote = new { decision = "approved", shown = approval.Text("shownHash") };
        Assert.Equal("wait.handed-on", (await dan.PostJsonAsync(path + "/decide", vote, 403)).Text("title"));
        await server.Approver.PostJsonAsync(path + "/decide", vote);
        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
    }

    [Fact]
    public async Task Delegate_LeavingFewerVotersThanTheQuorum_IsRefused()
    {
        using (var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml("""
            language: "1.0"
            name: two
            version: 1.0.0
            start: ok
            steps: [ { id: ok, type: approval, approvers: { users: [pam, pat] }, quorum: 2, show: { n: 1 } } ]
            """)))
        {
            await saved.ReadAsync(201);
        }

        var run = (await server.StartAsync("two")).Text("id");
        var path = $"/v1/approvals/{(await server.FindWaitAsync(run)).Text("id")}";
        Assert.Equal("wait.delegate-invalid", (await server.Approver.PostJsonAsync(path + "/delegate", new { to = "pat" }, 422)).Text("title"));
        Assert.False((await server.Admin.GetJsonAsync(path)).TryGetProperty("warning", out _));
    }

    [Fact]
    public async Task Approval_ThatTooFewCanDecide_SaysSo()
    {
        using (var saved = await server.Admin.PostAsync("/v1/workflows", ApiServer.Yaml("""
            language: "1.0"
            name: audited
            version: 1.0.0
            start: ok
            steps: [ { id: ok, type: approval, approvers: { role: auditor }, quorum: 3, show: { n: 1 } } ]
            """)))
        {
            await saved.ReadAsync(201);
        }

        var run = (await server.StartAsync("audited")).Text("id");
        var path = $"/v1/approvals/{(await server.FindWaitAsync(run)).Text("id")}";
        Assert.StartsWith("3 people must approve, but only ", (await server.Admin.GetJsonAsync(path)).Text("warning"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_WhoMayNotAct_LeavesOneEntryForEachRule()
    {
        using var both = await server.AsAsync("bea", Role.Engineer, Role.Approver);
        var (run, approval) = await server.StartApprovalAsync(both);
        var path = "/v1/approvals/" + approval.Text("id") + "/decide";
        var vote = new { decision = "approved", shown = approval.Text("shownHash") };
        for (var times = 0; times < 3; times++)
        {
            await both.PostJsonAsync(path, vote, 403);
            await server.Engineer.PostJsonAsync(path, vote, 403);
        }

        var refused = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=wait.refused")).Items();
        Assert.Equal(["bea wait.own-request", "eve wait.not-yours"], refused.Select(entry => $"{entry.Text("actor")} {entry.GetProperty("data").Text("code")}"));
    }

    [Fact]
    public async Task Refused_VoteThatMayNotMoveOrCount_LeavesAnEntry()
    {
        using var bea = await server.AsAsync("bea", Role.Engineer);
        var (run, approval) = await server.StartApprovalAsync(bea);
        var path = "/v1/approvals/" + approval.Text("id");
        await server.Approver.PostJsonAsync(path + "/delegate", new { to = "bea" }, 422);
        await server.Approver.PostJsonAsync(path + "/delegate", new { to = "nobody" }, 422);
        await server.Admin.PostJsonAsync(path + "/links", new { addressee = "bea" }, 422);

        var refused = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=wait.refused")).Items();
        Assert.Equal(
            ["wait.requester-cannot-act", "wait.person-unknown", "wait.requester-cannot-act"],
            refused.Select(entry => entry.GetProperty("data").Text("code")));
    }

    [Fact]
    public async Task Link_UsedForAnotherTask_LeavesOneEntry()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var (_, other) = await server.StartApprovalAsync();
        var token = (await LinkAsync(approval, "pat")).Text("token");
        for (var times = 0; times < 3; times++)
        {
            using var response = await TaskAsync(HttpMethod.Get, "/v1/tasks/" + other.Text("id"), token, null);
            await response.ReadAsync(401);
        }

        var refused = (await server.Admin.GetJsonAsync("/v1/audit/events?type=task.link_refused&limit=200")).Items();
        var entry = Assert.Single(refused, entry => entry.GetProperty("data").Text("wait") == approval.Text("id"));
        Assert.Equal(("pat", "task.token-invalid"), (entry.Text("actor"), entry.GetProperty("data").Text("code")));
    }

    [Fact]
    public async Task Messages_OfApproverAndRequester_AreShownInFullAndRedactedInTheLog()
    {
        const string Question = "Why so much? Call +49 170 1234567 or write to ann@example.org.";
        var (run, approval) = await server.StartApprovalAsync();
        var path = "/v1/approvals/" + approval.Text("id");
        await server.Approver.PostJsonAsync(path + "/messages", new { text = Question });
        var asked = Assert.Single((await server.Engineer.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == run);
        Assert.Equal((true, 1), (asked.GetProperty("question").GetBoolean(), asked.GetProperty("messageCount").GetInt32()));
        await server.Engineer.PostJsonAsync(path + "/messages", new { text = "It is two of them." });
        Assert.DoesNotContain((await server.Engineer.GetJsonAsync("/v1/approvals?limit=200")).Items(), wait => wait.Text("run") == run);

        using var other = await server.AsAsync("gus", Role.Growth);
        Assert.Equal("wait.not-yours", (await other.PostJsonAsync(path + "/messages", new { text = "Me too." }, 403)).Text("title"));
        Assert.Equal("wait.text-invalid", (await server.Approver.PostJsonAsync(path + "/messages", new { text = new string('x', 4001) }, 422)).Text("title"));
        var shown = (await server.Approver.GetJsonAsync(path)).GetProperty("messages").EnumerateArray().Select(message => (message.Text("by"), message.Text("text")));
        Assert.Equal([("pam", Question), ("eve", "It is two of them.")], shown);
        var logged = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.message")).Items();
        Assert.Equal(2, logged.Length);
        Assert.DoesNotContain("ann@example.org", logged[0].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_ManyAtOnce_AreAllKept()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var path = $"/v1/approvals/{approval.Text("id")}/messages";
        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => (n % 2 == 0 ? server.Approver : server.Engineer).PostJsonAsync(path, new { text = "m" + n })));
        var messages = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.message")).Items();
        Assert.Equal(Enumerable.Range(0, 12).Select(n => "m" + n).Order(StringComparer.Ordinal), messages.Select(entry => entry.GetProperty("data").Text("text")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Claim_TakenOverAndBack_IsLoggedEachTime()
    {
        var (run, approval) = await server.StartApprovalAsync();
        using var second = await server.AsAsync("pete", Role.Approver);
        var path = $"/v1/approvals/{approval.Text("id")}/claim";
        var decide = path.Replace("/claim", "/decide", StringComparison.Ordinal);
        var vote = new { decision = "approved", shown = approval.Text("shownHash") };
        await server.Approver.PostTextAsync(path, "", 200);
        var claimed = await second.PostTextAsync(path, "", 409);
        Assert.Equal(("wait.claimed", "/takeOver"), (claimed.Text("title"), claimed.GetProperty("errors")[0].Text("pointer")));
        Assert.Equal("wait.claimed", (await second.PostJsonAsync(decide, vote, 409)).Text("title"));
        Assert.Equal("pete", (await second.PostJsonAsync(path, new { takeOver = true })).Text("claimedBy"));
        Assert.Equal("wait.claimed", (await server.Approver.PostJsonAsync(decide, vote, 409)).Text("title"));
        Assert.Equal("pam", (await server.Approver.PostJsonAsync(path, new { takeOver = true })).Text("claimedBy"));

        await server.Approver.PostTextAsync(path, "", 200);
        var claims = (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.claimed")).Items();
        Assert.Equal([null, "pam", "pete"], claims.Select(claim => claim.GetProperty("data").TryGetProperty("from", out var from) ? from.GetString() : null));
        await second.PostJsonAsync(decide, new { vote.decision, vote.shown, takeOver = true });
        var voted = Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.voted")).Items());
        Assert.Equal("pam", voted.GetProperty("data").Text("claimed_by"));
    }

    [Fact]
    public async Task Form_WithFieldErrors_NamesEachField()
    {
        var run = (await server.StartAsync("ask")).Text("id");
        var form = await server.FindWaitAsync(run);
        Assert.Equal("object", form.GetProperty("schema").Text("type"));
        using var fay = await server.AsAsync("fay", Role.Growth);
        var path = "/v1/forms/" + form.Text("id");
        var broken = await fay.PostJsonAsync(path, new { data = new { amount = 0, note = new string('n', 21) } }, 422);
        Assert.Equal("wait.data-invalid", broken.Text("title"));
        Assert.Equal(["/data/amount", "/data/note"], broken.GetProperty("errors").EnumerateArray().Select(error => error.Text("pointer")).Order(StringComparer.Ordinal));
        Assert.Equal("wait.not-yours", (await server.Approver.PostJsonAsync(path, new { data = new { amount = 3 } }, 403)).Text("title"));
        var done = await fay.PostJsonAsync(path, new { data = new { amount = 3 } });
        Assert.Equal("decided", done.Text("state"));
        Assert.Equal(3, (await server.SettledAsync(run)).GetProperty("output").GetProperty("amount").GetInt32());
        Assert.Equal("wait.closed", (await fay.PostJsonAsync(path, new { data = new { amount = 3 } }, 409)).Text("title"));
    }

    [Fact]
    public async Task Form_AndApproval_AreNotTakenForEachOther()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var form = await server.FindWaitAsync((await server.StartAsync("ask")).Text("id"));
        Assert.Equal("wait.wrong-kind", (await server.Approver.PostJsonAsync("/v1/forms/" + approval.Text("id"), new { data = new { } }, 409)).Text("title"));
        Assert.Equal("wait.wrong-kind", (await server.Approver.PostJsonAsync($"/v1/approvals/{form.Text("id")}/decide", new { decision = "approved", shown = approval.Text("shownHash") }, 409)).Text("title"));
    }

    [Fact]
    public async Task Link_ForAnApprover_ShowsWithoutConsumingAndDecidesOnce()
    {
        var (run, approval) = await server.StartApprovalAsync();
        var link = await LinkAsync(approval, "pat");
        Assert.StartsWith($"/v1/tasks/{approval.Text("id")}#", link.Text("path"), StringComparison.Ordinal);
        Assert.Equal(link.GetRawText(), (await LinkAsync(approval, "pat")).GetRawText());
        var path = "/v1/tasks/" + approval.Text("id");
        for (var times = 0; times < 3; times++)
        {
            using var shown = await TaskAsync(HttpMethod.Get, path, link.Text("token"), null);
            Assert.Equal("open", (await shown.ReadAsync(200)).Text("state"));
        }

        var body = new { token = link.Text("token"), decision = "approved", shown = approval.Text("shownHash") };
        using var nobody = server.With(null);
        var done = await nobody.PostJsonAsync(path, body);
        Assert.Equal("pat", done.GetProperty("value").Text("by"));
        Assert.Equal("wait.closed", (await nobody.PostJsonAsync(path, body, 409)).Text("title"));
        Assert.Equal("completed", (await server.SettledAsync(run)).Text("status"));
        var made = Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=task.link_made")).Items());
        Assert.Equal(("root", "pat"), (made.Text("actor"), made.GetProperty("data").Text("addressee")));
        Assert.DoesNotContain(link.Text("token"), (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_SixtyFourAtOnce_OneSucceeds()
    {
        for (var round = 0; round < 5; round++)
        {
            var (run, approval) = await server.StartApprovalAsync();
            var token = (await LinkAsync(approval, "pat")).Text("token");
            var body = new { decision = "approved", shown = approval.Text("shownHash") };
            var statuses = await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
            {
                using var response = await TaskAsync(HttpMethod.Post, "/v1/tasks/" + approval.Text("id"), token, body);
                return (int)response.StatusCode;
            }));
            Assert.Single(statuses, 200);
            Assert.Equal(63, statuses.Count(status => status == 409));
            Assert.Single((await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&type=approval.voted")).Items());
        }
    }

    [Fact]
    public async Task Link_ForAForm_SubmitsIt()
    {
        var run = (await server.StartAsync("ask")).Text("id");
        var form = await server.FindWaitAsync(run);
        var token = (await LinkAsync(form, "fay")).Text("token");
        using var empty = await TaskAsync(HttpMethod.Post, "/v1/tasks/" + form.Text("id"), token, new { });
        Assert.Equal("/data", (await empty.ReadAsync(400)).GetProperty("errors")[0].Text("pointer"));
        using var broken = await TaskAsync(HttpMethod.Post, "/v1/tasks/" + form.Text("id"), token, new { data = new { amount = "x" } });
        Assert.Equal("/data/amount", (await broken.ReadAsync(422)).GetProperty("errors")[0].Text("pointer"));
        using var done = await TaskAsync(HttpMethod.Post, "/v1/tasks/" + form.Text("id"), token, new { data = new { amount = 9 } });
        await done.ReadAsync(200);
        Assert.Equal(9, (await server.SettledAsync(run)).GetProperty("output").GetProperty("amount").GetInt32());
    }

    [Fact]
    public async Task Link_ByOrForTheRequester_IsNotMade()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var path = $"/v1/approvals/{approval.Text("id")}/links";
        Assert.Equal("access.denied", (await server.Engineer.PostJsonAsync(path, new { addressee = "pat" }, 403)).Text("title"));
        Assert.Equal("wait.requester-cannot-act", (await server.Admin.PostJsonAsync(path, new { addressee = "eve" }, 422)).Text("title"));
        Assert.Equal("request.body-invalid", (await server.Admin.PostJsonAsync(path, new { addressee = "a b" }, 400)).Text("title"));
    }

    [Fact]
    public async Task Link_ForSomebodyWhoCouldNotAct_IsNotMade()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var path = $"/v1/approvals/{approval.Text("id")}/links";
        foreach (var ghost in (string[])["ghost", "root"])
        {
            var refused = await server.Admin.PostJsonAsync(path, new { addressee = ghost }, 422);
            Assert.Equal(("task.addressee-unknown", "/addressee"), (refused.Text("title"), refused.GetProperty("errors")[0].Text("pointer")));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("alice@example.com 4111 1111 1111 1111")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Decide_OnWhatIsNoHash_IsRefusedAndLeavesNothingInTheLog(string shown)
    {
        var (run, approval) = await server.StartApprovalAsync();
        var refused = await server.Approver.PostJsonAsync($"/v1/approvals/{approval.Text("id")}/decide", new { decision = "approved", shown }, 400);
        Assert.Equal("/shown", refused.GetProperty("errors")[0].Text("pointer"));
        Assert.DoesNotContain("approval.voided", (await server.Admin.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_NotGood_IsRefusedEverywhere()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var (_, other) = await server.StartApprovalAsync();
        var token = (await LinkAsync(approval, "pat")).Text("token");
        var path = "/v1/tasks/" + approval.Text("id");
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        var text = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(0, dot)));
        string Forged(string from, string to) =>
            System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal))) + token[dot..];
        string[] bad =
        [
            "", "x", ".", "..", token[..^2], token + "A", token[..dot], token[dot..], (await LinkAsync(other, "pat")).Text("token"),
            Forged("acme", "globex"), Forged("pat", "eve"), Forged("decide", "submit"), Forged("\n1", "\n9"), Forged("1\n", "2\n"),
            token[..(dot + 1)] + (token[dot + 1] == 'A' ? 'B' : 'A') + token[(dot + 2)..], new string('a', 5000) + "." + new string('b', 43),
        ];
        foreach (var wrong in bad.Append("!.!"))
        {
            using var shown = await TaskAsync(HttpMethod.Get, path, wrong, null);
            await shown.ReadAsync(401);
            Assert.Equal("Task", shown.Headers.WwwAuthenticate.ToString());
            using var posted = await TaskAsync(HttpMethod.Post, path, wrong, new { decision = "approved", shown = approval.Text("shownHash") });
            await posted.ReadAsync(401);
        }

        Assert.Equal("open", (await server.Admin.GetJsonAsync("/v1/approvals/" + approval.Text("id"))).Text("state"));
    }

    [Fact]
    public async Task Token_InQueryOrPath_IsNotLookedAt()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var token = (await LinkAsync(approval, "pat")).Text("token");
        using var nobody = server.With(null);
        foreach (var path in (string[])[$"?token={token}", $"?access_token={token}", $"?Authorization=Task%20{token}"])
        {
            Assert.Equal("task.token-missing", (await nobody.GetJsonAsync($"/v1/tasks/{approval.Text("id")}{path}", 401)).Text("title"));
            Assert.Equal("task.token-missing", (await nobody.PostJsonAsync($"/v1/tasks/{approval.Text("id")}{path}", new { decision = "approved", shown = "x" }, 401)).Text("title"));
        }

        await nobody.GetJsonAsync($"/v1/tasks/{approval.Text("id")}/{token}", 401);
        await nobody.GetJsonAsync($"/v1/tasks/{token}", 401);
    }

    [Fact]
    public async Task Token_WithAnotherTenantInTheHeader_IsForbidden()
    {
        var (_, approval) = await server.StartApprovalAsync();
        var token = (await LinkAsync(approval, "pat")).Text("token");
        using var nobody = server.With(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/tasks/" + approval.Text("id"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Task", token);
        request.Headers.Add("X-Tenant-ID", ApiServer.OtherTenant);
        await nobody.SendAsync(request).ProblemAsync(403, "access.other-tenant");
    }

    [Fact]
    public async Task Token_IsNoKey_AndKeyIsNoToken()
    {
        var (_, approval) = await server.StartApprovalAsync();
        using var withToken = server.With((await LinkAsync(approval, "pat")).Text("token"));
        await withToken.GetJsonAsync("/v1/approvals", 401);
        await server.Admin.GetJsonAsync("/v1/tasks/" + approval.Text("id"), 401);
    }

    private Task<JsonElement> LinkAsync(JsonElement wait, string addressee) =>
        server.Admin.PostJsonAsync($"/v1/approvals/{wait.Text("id")}/links", new { addressee });

    private async Task<HttpResponseMessage> TaskAsync(HttpMethod method, string path, string token, object? body)
    {
        using var nobody = server.With(null);
        using var request = body is null ? new HttpRequestMessage(method, path) : ApiServer.Json(method, path, body);
        request.Headers.TryAddWithoutValidation("Authorization", "Task " + token);
        return await nobody.SendAsync(request);
    }

    private async Task<int> SayAsync(string path, string text, string key)
    {
        using var request = ApiServer.Json(HttpMethod.Post, path, new { text });
        request.Headers.Add("Idempotency-Key", key);
        using var response = await server.Approver.SendAsync(request);
        return (int)response.StatusCode;
    }
}
