Feature: Approvals
  Nothing is approved but by enough of the people who were asked, for exactly what they saw.

  Background:
    Given these people
      | alice | engineer          |
      | bob   | approver          |
      | carol | approver          |
      | dan   | admin             |
      | erin  | engineer approver |
      | vera  | viewer            |

  Scenario: Two different people must approve
    Given this workflow
      """
      language: "1.0"
      name: feature-quorum
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, quorum: 2, show: { amount: 5000 } }]
      output: "${ steps.approve.output.votes.map(v, v.user) }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    When bob approves "approve"
    Then what waited at "approve" is open
    When bob tries to approve "approve"
    Then the answer is 409
    And what waited at "approve" is open
    When carol approves "approve"
    Then the run completes with
      """
      ["bob", "carol"]
      """
    And the history has 2 "approval.voted" entries

  Scenario: One rejection rejects, and the run fails where nothing else is said
    Given this workflow
      """
      language: "1.0"
      name: feature-rejection
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, quorum: 2, show: { amount: 5000 }, next: pay }, { id: pay, type: emit, event: custom.paid }]
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    When carol rejects "approve"
    Then the run fails with "approval.rejected"
    And step "pay" never ran
    And what waited at "approve" is rejected
    When bob tries to approve "approve"
    Then the answer is 409 "wait.closed"

  Scenario: Who asked for the run cannot approve it, even as an approver
    Given this workflow
      """
      language: "1.0"
      name: feature-own-request
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, show: { amount: 5000 } }]
      """
    When erin starts it with
      """
      {}
      """
    Then the run waits at "approve"
    When erin tries to approve "approve"
    Then the answer is 403 "wait.own-request"
    When alice tries to approve "approve"
    Then the answer is 403 "wait.not-yours"
    When dan tries to approve "approve"
    Then the answer is 403 "wait.not-yours"
    When vera tries to approve "approve"
    Then the answer is 403 "access.denied"
    And bob finds "approve" in the inbox
    And alice does not find "approve" in the inbox
    And what waited at "approve" is open
    When bob approves "approve"
    Then the run completes

  Scenario: A vote for what was shown before does not count for what is shown now
    Given the sample "content-review"
    When alice starts it with
      """
      { "topic": "Maintenance on Sunday", "editor": "erin" }
      """
    Then the run waits at "edit"
    When erin submits "edit" with
      """
      { "title": "Maintenance", "body": "On Sunday." }
      """
    Then the run waits at "approve"
    When bob approves "approve"
    And carol rejects "approve"
    Then the run waits at "edit"
    When erin submits "edit" with
      """
      { "title": "Maintenance", "body": "On Sunday from 02:00 to 04:00 UTC." }
      """
    Then the run waits at "approve"
    When bob tries to approve "approve" as it was shown at first
    Then the answer is 409 "wait.payload-changed"
    And what waited at "approve" is open
    And no service was called
    When bob approves "approve"
    And carol approves "approve"
    Then the run completes
    And the services were called like this
      | POST articles a-0001 |

  Scenario: An approval that expires is not an approval
    Given this workflow
      """
      language: "1.0"
      name: feature-expiry
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, show: { amount: 5000 }, expires: 1s, next: pay }, { id: pay, type: emit, event: custom.paid }]
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    And the run comes to "approval.expired"
    And the run fails with "approval.expired"
    And step "pay" never ran
    When bob tries to approve "approve"
    Then the answer is 409

  Scenario: An approval that expires goes where the definition says, which is never on
    Given this workflow
      """
      language: "1.0"
      name: feature-expiry-elsewhere
      version: 1.0.0
      start: approve
      steps:
        - { id: approve, type: approval, approvers: { role: approver }, show: { amount: 5000 }, expires: 1s, on_timeout: reject, on_reject: tell, next: pay }
        - { id: pay, type: emit, event: custom.paid }
        - { id: tell, type: emit, event: custom.told }
      output: "${ has(steps.pay) ? 'paid' : 'told' }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run completes with
      """
      "told"
      """
    And step "pay" never ran

  Scenario: Nobody answers, and the next person is asked as well
    Given this workflow
      """
      language: "1.0"
      name: feature-escalation
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, show: { amount: 5000 }, expires: 1h, escalate: { after: 1s, to: { role: admin } } }]
      output: "${ steps.approve.output.by }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    And the run comes to "approval.escalated"
    And what waited at "approve" is escalated
    When dan approves "approve"
    Then the run completes with
      """
      "dan"
      """

  Scenario: Where nothing is said about what is shown, the run's input is
    Given this workflow
      """
      language: "1.0"
      name: feature-show-input
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver } }]
      output: "${ steps.approve.output.votes.all(v, v.approved) }"
      """
    When alice starts it with
      """
      { "amount": 5000 }
      """
    Then the run waits at "approve"
    And "approve" shows
      """
      { "amount": 5000 }
      """
    When bob approves "approve"
    Then the run completes with
      """
      true
      """

  Scenario: Those who have not decided are reminded again and again
    Given this workflow
      """
      language: "1.0"
      name: feature-remind
      version: 1.0.0
      start: approve
      steps: [{ id: approve, type: approval, approvers: { role: approver }, expires: 1h, remind: 1s }]
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    And the run comes to "approval.reminded"
    And the run comes to "approval.reminded"
    And the run comes to "approval.reminded"
    When bob approves "approve"
    Then the run completes
