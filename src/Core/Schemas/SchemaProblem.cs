namespace Countersign.Schemas;

/// <summary>One thing wrong with a schema.</summary>
/// <param name="Code">One of <see cref="SchemaCodes"/>.</param>
/// <param name="Pointer">JSON Pointer (RFC 6901) into the document named by <paramref name="DocumentUri"/>; empty for its root.</param>
/// <param name="Message">What is wrong and what would be right, in plain language.</param>
/// <param name="DocumentUri">The URI of the document: the schema's own base URI, or that of a document of the schema set it refers to.</param>
public sealed record SchemaProblem(string Code, string Pointer, string Message, string DocumentUri);
