namespace Countersign.Schemas.Evaluation;

/// <summary>Ends a validation that would cost too much. It must not be mistaken for a plain mismatch, which <c>not</c> would turn into a match.</summary>
internal sealed class LimitReachedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>Where it happened, as far as the pass that met it kept track.</summary>
    public Trace? At { get; set; }
}
