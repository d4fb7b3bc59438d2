using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>People whom no step can reach are said where the definition is read.</summary>
public sealed class AudienceTests
{
    [Theory]
    [InlineData("approvers: { role: aprover }", "/steps/0/approvers/role", "definition.bad-value")]
    [InlineData("approvers: { role: approver }, escalate: { after: 1h, to: { role: admins } }", "/steps/0/escalate/to/role", "definition.bad-value")]
    [InlineData("approvers: { users: [\"bob@example.org\"] }", "/steps/0/approvers/users/0", "definition.bad-value")]
    [InlineData("approvers: { users: [bob, carol] }, quorum: 3", "/steps/0/quorum", "definition.field-combination")]
    [InlineData("approvers: { users: [bob, bob] }", "/steps/0/approvers/users/1", "definition.bad-value")]
    [InlineData("approvers: { users: [bob] }, quorum: 3, escalate: { after: 1h, to: { users: [carol] } }", "/steps/0/quorum", "definition.field-combination")]
    public void Read_PeopleWhoCannotDecide_IsAnErrorExceptInAStoredDefinition(string fields, string pointer, string code)
    {
        var text = Approval(fields);
        var problem = DefinitionReader.Read(text).Problems.First(problem => problem.Severity is ProblemSeverity.Error);
        Assert.Equal((pointer, code), (problem.Pointer, problem.Code));
        Assert.True(problem.Line > 0 && problem.Column > 0);

        // Runs are pinned to what was saved before the rule was made.
        Assert.NotNull(DefinitionReader.ReadStored(System.Text.Encoding.UTF8.GetBytes(text)).Definition);
    }

    [Theory]
    [InlineData("approvers: { role: approver }, quorum: 3")]
    [InlineData("approvers: { users: [bob, \"${ input.manager }\"], within: { roles: [approver] } }, quorum: 2")]
    [InlineData("approvers: { users: [bob] }, quorum: 2, escalate: { after: 1h, to: { role: admin } }")]
    [InlineData("approvers: { users: [bob] }, quorum: 2, escalate: { after: 1h, to: { users: [carol] } }")]
    public void Read_PeopleWhoCanDecide_IsNoError(string fields) =>
        Assert.DoesNotContain(DefinitionReader.Read(Approval(fields)).Problems, problem => problem.Severity is ProblemSeverity.Error);

    [Fact]
    public void Read_FormAssigneeWithoutSuchARole_IsAnError()
    {
        var read = DefinitionReader.Read(
            "language: \"1.0\"\nname: a\nversion: 1.0.0\nstart: ok\nsteps: [ { id: ok, type: form, assignees: { role: clerk }, fields: [ { key: n, type: integer } ] } ]\n");
        Assert.Equal("/steps/0/assignees/role", Assert.Single(read.Problems).Pointer);
    }

    private static string Approval(string fields) =>
        $"language: \"1.0\"\nname: a\nversion: 1.0.0\ninput: {{ type: object, required: [manager], properties: {{ manager: {{ type: string }} }} }}\nstart: ok\nsteps: [ {{ id: ok, type: approval, show: {{ a: 1 }}, {fields} }} ]\n";
}
