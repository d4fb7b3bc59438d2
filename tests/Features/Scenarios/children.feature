Feature: Child runs
  A workflow runs another one, which sees what it is given and nothing else.

  Background:
    Given these people
      | alice | engineer |

  Scenario: A child sees its input and its profile, and gives back its output
    Given this workflow
      """
      language: "1.0"
      name: feature-child
      version: 1.0.0
      static: { vat: 0.2 }
      profile: { region: { value: eu, override: engineer }, currency: EUR }
      start: compute
      steps: [{ id: compute, type: set, values: { gross: "${ input.net * (1.0 + context.static.vat) }" } }]
      output: { gross: "${ context.runtime.gross }", region: "${ context.profile.region }" }
      """
    And this workflow
      """
      language: "1.0"
      name: feature-parent
      version: 1.0.0
      static: { secret_plan: none of the child's business }
      start: call
      steps:
        - { id: call, type: call_workflow, workflow: feature-child, input: { net: "${ input.net }" }, profile: { region: us } }
      output: "${ steps.call.output }"
      """
    When alice starts it with
      """
      { "net": 100, "other": "unseen" }
      """
    Then the run completes with
      """
      { "gross": 120, "region": "us" }
      """
    And the history has 1 "child.started" entry
    And the history has 1 "child.completed" entry
    And its child run of "feature-child" completed and saw
      """
      { "input": { "net": 100 }, "static": { "vat": 0.2 }, "profile": { "region": "us", "currency": "EUR" }, "runtime": { "gross": 120 }, "steps": { "compute": { "output": { "gross": 120 } } }, "errors": {} }
      """

  Scenario: A child that fails fails its parent with its own error
    Given this workflow
      """
      language: "1.0"
      name: feature-child-fails
      version: 1.0.0
      start: no
      steps: [{ id: "no", type: fail, error: custom.not-today, detail: Not today. }]
      """
    And this workflow
      """
      language: "1.0"
      name: feature-parent-of-failing
      version: 1.0.0
      start: call
      steps:
        - { id: call, type: call_workflow, workflow: feature-child-fails, next: after }
        - { id: after, type: emit, event: custom.after }
      """
    When alice starts it with
      """
      {}
      """
    Then the run fails with "custom.not-today"
    And step "after" never ran
