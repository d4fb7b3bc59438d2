Feature: The samples
  Each sample does what its README says.

  Background:
    Given these people
      | alice | engineer          |
      | bob   | approver          |
      | carol | approver          |
      | dan   | admin             |
      | erin  | engineer          |

  Scenario: invoice-approval pays a small invoice without asking
    Given the sample "invoice-approval"
    When alice starts it with the input "under-limit.json"
    Then the run completes with
      """
      { "payment": "p-0001" }
      """
    And step "approve" never ran

  Scenario: invoice-approval holds a large invoice until it is approved
    Given the sample "invoice-approval"
    When alice starts it with the input "over-limit.json"
    Then the run waits at "approve"
    And no service was called
    When bob approves "approve"
    Then the run completes
    And the services were called like this
      | POST payments p-0001 |

  Scenario: invoice-approval tells of a rejection and pays nothing
    Given the sample "invoice-approval"
    When alice starts it with the input "over-limit.json"
    Then the run waits at "approve"
    When bob rejects "approve"
    Then the run completes with
      """
      { "rejected": true }
      """
    And the services were called like this
      | POST messages m-0001 |

  Scenario: invoice-approval fails for what cannot be read
    Given the sample "invoice-approval"
    When alice starts it with the input "unreadable.json"
    Then the run fails with "custom.unreadable"
    And the history has 3 "ai.response" entries
    And no service was called

  Scenario Outline: e-commerce-order with <input> ends as it should
    Given the sample "e-commerce-order"
    When alice starts it with the input "<input>"
    Then <end>
    And the services were called like this
      | <first>  |
      | <second> |
      | <third>  |
    And the log is intact

    Examples:
      | input              | end                            | first                    | second                     | third                      |
      | paid.json          | the run completes              | POST reservations r-0001 | POST charges c-0001        | POST shipments s-0001      |
      | card-declined.json | the run fails with "http.402"  | POST reservations r-0001 | POST charges card_declined | DELETE reservations r-0001 |

  Scenario: e-commerce-order refunds before it gives the goods back
    Given the sample "e-commerce-order"
    When alice starts it with the input "no-carrier.json"
    Then the run fails with "http.422"
    And the services were called like this
      | POST reservations r-0001   |
      | POST charges c-0001        |
      | POST shipments no_carrier  |
      | DELETE charges c-0001      |
      | DELETE reservations r-0001 |
    And the history has 2 "step.compensated" entries

  Scenario: content-review publishes what two people approved
    Given the sample "content-review"
    When alice starts it with the input "outage.json"
    Then the run waits at "edit"
    When alice tries to submit "edit" with
      """
      { "title": "Mine", "body": "Not yours to correct." }
      """
    Then the answer is 403 "wait.not-yours"
    When erin submits "edit" with
      """
      { "title": "Yesterday's outage", "body": "It is over." }
      """
    Then the run waits at "approve"
    When bob approves "approve"
    And carol approves "approve"
    Then the run completes with
      """
      { "article": "a-0001", "title": "Yesterday's outage" }
      """

  Scenario: research-fan-out asks for each topic and sums up
    Given the sample "research-fan-out"
    When alice starts it with the input "storing-heat.json"
    Then the run completes
    And the history has 6 "ai.response" entries

  Scenario: research-fan-out goes on without a topic that nobody knows about
    Given the sample "research-fan-out"
    When alice starts it with the input "one-unknown.json"
    Then the run completes with
      """
      {
        "summary": "On old ships: Oak keels has been studied; the results agree. Copper sheathing has been studied; the results agree.",
        "findings": [
          { "topic": "Oak keels", "finding": "Oak keels has been studied; the results agree.", "confidence": "medium" },
          { "topic": "What did the cook of the Vasa like best?", "finding": "Nothing is known.", "confidence": "none" },
          { "topic": "Copper sheathing", "finding": "Copper sheathing has been studied; the results agree.", "confidence": "medium" }
        ]
      }
      """
    And the history has 1 "ai.repair" entry

  Scenario: incident-triage escalates, rolls back and pages
    Given the sample "incident-triage" where "after: 5m" reads "after: 1s"
    When alice starts it with the input "cannot-buy.json"
    Then the run waits at "approve"
    And the run comes to "approval.escalated"
    When dan approves "approve"
    Then the run completes with
      """
      { "page": "g-0001", "rolled_back": true }
      """
    And the services were called like this
      | POST rollbacks b-0001 |
      | POST pages g-0001     |

  Scenario: incident-triage pages but does not roll back where nobody answers at all
    Given the sample "incident-triage" where "expires: 30m" reads "expires: 2s", and "after: 5m" reads "after: 1s"
    When alice starts it with the input "cannot-buy.json"
    Then the run completes with
      """
      { "page": "g-0001", "rolled_back": false }
      """

  Scenario: incident-triage pages without a roll-back
    Given the sample "incident-triage"
    When alice starts it with the input "slow.json"
    Then the run completes
    And the services were called like this
      | POST pages g-0001 |

  Scenario: incident-triage files a ticket
    Given the sample "incident-triage"
    When alice starts it with the input "typo.json"
    Then the run completes with
      """
      { "ticket": "t-0001" }
      """
