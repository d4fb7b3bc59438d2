Feature: The life of a run
  From its start to its end over a form, a model and an approval; what is wrong is refused and loses nothing.

  Background:
    Given these people
      | alice | engineer |
      | bob   | approver |

  Scenario: A run goes over a form, a model and an approval to its end
    Given this workflow
      """
      language: "1.0"
      name: feature-life
      version: 1.0.0
      start: ask
      steps:
        - id: ask
          type: form
          fields: [{ key: topic, type: string, required: true, min: 3 }]
          next: write
        - id: write
          type: ai_generate
          prompt: "Write about ${ steps.ask.output.topic }"
          schema: { type: object, required: [text], properties: { text: { type: string } } }
          mock: { output: { text: "All about ${ steps.ask.output.topic }" } }
          next: approve
        - { id: approve, type: approval, approvers: { role: approver }, show: { text: "${ steps.write.output.text }" } }
      output: { text: "${ steps.write.output.text }", by: "${ steps.approve.output.by }" }
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "ask"
    When alice submits "ask" with
      """
      { "topic": "tides" }
      """
    Then the run waits at "approve"
    When bob approves "approve"
    Then the run completes with
      """
      { "text": "All about tides", "by": "bob" }
      """
    And the history has 1 "form.submitted" entry
    And the history has 1 "ai.response" entry
    And the history has 1 "approval.decided" entry
    And the log is intact

  Scenario: A form that breaks its rules is refused by field, and can be sent again
    Given this workflow
      """
      language: "1.0"
      name: feature-form
      version: 1.0.0
      start: ask
      steps:
        - { id: ask, type: form, fields: [{ key: amount, type: number, required: true, min: 1 }, { key: note, type: string }] }
      output: "${ steps.ask.output }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "ask"
    When alice tries to submit "ask" with
      """
      { "amount": 0 }
      """
    Then the answer is 422 "wait.data-invalid"
    And the answer names "/data/amount"
    When bob tries to submit "ask" with
      """
      { "amount": 5 }
      """
    Then the answer is 403
    When alice submits "ask" with
      """
      { "amount": 5, "note": "as agreed" }
      """
    Then the run completes with
      """
      { "amount": 5, "note": "as agreed" }
      """

  Scenario: A link to a form is good once
    Given this workflow
      """
      language: "1.0"
      name: feature-link
      version: 1.0.0
      start: ask
      steps:
        - { id: ask, type: form, fields: [{ key: word, type: string, required: true }], assignees: { users: [frank] } }
      output: "${ steps.ask.output.word }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "ask"
    When admin makes a link to "ask" for "frank"
    And the link to "ask" is used with
      """
      { "word": "once" }
      """
    Then the answer is 200
    When the link to "ask" is used with
      """
      { "word": "twice" }
      """
    Then the answer is 409 "wait.closed"
    And the run completes with
      """
      "once"
      """

  Scenario: An event from outside lets a run go on
    Given this workflow
      """
      language: "1.0"
      name: feature-event
      version: 1.0.0
      start: paid
      steps:
        - { id: paid, type: wait, event: { name: paid, timeout: 1h, schema: { type: object, required: [amount] } } }
      output: "${ steps.paid.output.amount }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run waits at "paid"
    When alice sends the event "paid" to "paid" with
      """
      { "amount": 12.5 }
      """
    Then the run completes with
      """
      12.5
      """

  Scenario: An answer that breaks the schema is sent back, and the mended one is taken
    Given this workflow
      """
      language: "1.0"
      name: feature-repair
      version: 1.0.0
      start: write
      steps:
        - id: write
          type: ai_generate
          prompt: Say something.
          schema: { type: object, required: [text], properties: { text: { type: string } } }
          mock: { mode: schema_violation, output: { text: "mended" } }
      output: "${ steps.write.output.text }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run completes with
      """
      "mended"
      """
    And the history has 2 "ai.response" entries
    And the history has 1 "ai.repair" entry
    And the history has no "step.retried" entries

  Scenario: An answer that is never right fails the step, after the repairs that were declared
    Given this workflow
      """
      language: "1.0"
      name: feature-never-right
      version: 1.0.0
      start: write
      steps:
        - id: write
          type: ai_generate
          prompt: Say something.
          schema: { type: object, required: [text], properties: { text: { type: string } } }
          mock: { output: { words: 3 } }
          repair: 1
          retry: { attempts: 3, initial: 10ms }
      """
    When alice starts it with
      """
      {}
      """
    Then the run fails with "ai.schema-invalid"
    And the history has 2 "ai.response" entries
    And the history has no "step.retried" entries

  Scenario: A model that is overloaded is asked again as the policy says
    Given this workflow
      """
      language: "1.0"
      name: feature-retry
      version: 1.0.0
      start: write
      steps:
        - id: write
          type: ai_generate
          prompt: Say something.
          schema: { type: object, required: [text], properties: { text: { type: string } } }
          seed: 2
          mock: { mode: transient_error, output: { text: "at last" } }
          retry: { attempts: 3, backoff: fixed, initial: 10ms }
      output: "${ steps.write.output.text }"
      """
    When alice starts it with
      """
      {}
      """
    Then the run completes with
      """
      "at last"
      """
    And the history has 1 "step.retried" entry
    And the history has 1 "ai.failed" entry

  Scenario: The same key and input start one run, another input under it is refused
    Given this workflow
      """
      language: "1.0"
      name: feature-once
      version: 1.0.0
      start: remember
      steps: [{ id: remember, type: set, values: { n: "${ input.n }" } }]
      output: "${ context.runtime.n }"
      """
    When alice starts it under the key "order-17" with
      """
      { "n": 1 }
      """
    Then the run completes with
      """
      1
      """
    When alice tries to start it under the key "order-17" with
      """
      { "n": 1 }
      """
    Then it is the same run
    When alice tries to start it under the key "order-17" with
      """
      { "n": 2 }
      """
    Then the answer is 422 "request.idempotency-key-reused"
    And the history has 1 "run.created" entry

  Scenario: An input that is not what the workflow asks for starts nothing
    Given the sample "invoice-approval"
    When alice tries to start it with
      """
      { "invoice": { "text": 7 } }
      """
    Then the answer is 422 "run.input-invalid"
    And the answer names "/input/invoice/text"
    When bob tries to start it with
      """
      { "invoice": { "text": "Vendor: A" } }
      """
    Then the answer is 403 "access.denied"

  Scenario: A status that a step catches leads elsewhere, and undoes nothing
    Given this workflow
      """
      language: "1.0"
      name: feature-catch
      version: 1.0.0
      profile: { shop: { value: "http://127.0.0.1:9090", override: engineer } }
      start: charge
      steps:
        - id: charge
          type: api_call
          method: POST
          url: "${ context.profile.shop }/charges"
          body: { card: tok_declined, amount: 5 }
          idempotent: true
          catch: [{ type: http.404, goto: lost }, { type: http.402, goto: refused }]
        - { id: refused, type: emit, event: custom.refused }
        - { id: lost, type: fail, error: custom.lost }
      output: "refused"
      """
    When alice starts it with
      """
      {}
      """
    Then the run completes with
      """
      "refused"
      """
    And step "lost" never ran
    And the services were called like this
      | POST charges card_declined |
