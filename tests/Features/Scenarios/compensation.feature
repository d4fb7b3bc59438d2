Feature: Undoing
  What fails or is canceled undoes what completed before it, newest first, and each once.

  Background:
    Given these people
      | alice | engineer |
      | bob   | approver |

  Scenario: A canceled run gives back what it took, newest first
    Given this workflow
      """
      language: "1.0"
      name: feature-cancel
      version: 1.0.0
      profile: { shop: { value: "http://127.0.0.1:9090", override: engineer } }
      start: reserve
      steps:
        - id: reserve
          type: api_call
          method: POST
          url: "${ context.profile.shop }/reservations"
          body: { items: [] }
          idempotent: true
          compensate: { type: api_call, method: DELETE, url: "${ context.profile.shop }/reservations/${ steps.reserve.output.id }" }
          next: charge
        - id: charge
          type: api_call
          method: POST
          url: "${ context.profile.shop }/charges"
          body: { amount: 7 }
          idempotent: true
          compensate: { type: api_call, method: DELETE, url: "${ context.profile.shop }/charges/${ steps.charge.output.id }" }
          next: approve
        - { id: approve, type: approval, approvers: { role: approver }, next: ship }
        - { id: ship, type: emit, event: custom.shipped }
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    When alice cancels the run
    Then the run is canceled
    And step "ship" never ran
    And step "charge" was undone
    And step "reserve" was undone
    And what waited at "approve" is canceled
    And the services were called like this
      | POST reservations r-0001   |
      | POST charges c-0001        |
      | DELETE charges c-0001      |
      | DELETE reservations r-0001 |
    When bob tries to approve "approve"
    Then the answer is 409
    And the log is intact

  Scenario: A rejected approval undoes what came before it
    Given this workflow
      """
      language: "1.0"
      name: feature-rejected-undo
      version: 1.0.0
      profile: { shop: { value: "http://127.0.0.1:9090", override: engineer } }
      start: reserve
      steps:
        - id: reserve
          type: api_call
          method: POST
          url: "${ context.profile.shop }/reservations"
          body: { items: [] }
          idempotent: true
          compensate: { type: api_call, method: DELETE, url: "${ context.profile.shop }/reservations/${ steps.reserve.output.id }" }
          next: approve
        - { id: approve, type: approval, approvers: { role: approver } }
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "approve"
    When bob rejects "approve"
    Then the run fails with "approval.rejected"
    And the services were called like this
      | POST reservations r-0001   |
      | DELETE reservations r-0001 |
