namespace Countersign.Ledger;

/// <summary>An idempotency key was used before, with another body.</summary>
public sealed class IdempotencyKeyReusedException()
    : Exception("This Idempotency-Key was used before with another body; use a new key for a new request.");
