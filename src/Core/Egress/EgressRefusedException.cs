namespace Countersign.Egress;

/// <summary>A call to the outside was refused before it did anything, or cut off because of what came back.</summary>
/// <param name="code">One of <see cref="EgressCodes"/>.</param>
/// <param name="message">What was refused, and which rule refuses it. Holds host names and addresses, never a path, a query or a header.</param>
public sealed class EgressRefusedException(string code, string message) : Exception(message)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>The status of the answer that was cut off; null where there was none.</summary>
    public int? Status { get; init; }

    /// <summary>The refusal inside an exception of an HTTP client; null where it has another cause.</summary>
    public static EgressRefusedException? In(Exception? exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is EgressRefusedException refused)
            {
                return refused;
            }
        }

        return null;
    }
}

/// <summary>Codes of refused calls; each has a page in <c>docs/errors</c>.</summary>
public static class EgressCodes
{
    /// <summary>The host has an address that is not public, and no allow-list names it.</summary>
    public const string BlockedAddress = "egress.blocked-address";

    /// <summary>The URL is neither http nor https, or a redirect leads from https to http.</summary>
    public const string Scheme = "egress.scheme";

    /// <summary>More redirects than allowed.</summary>
    public const string TooManyRedirects = "egress.too-many-redirects";

    /// <summary>A redirect leads nowhere: its target is no URL.</summary>
    public const string BadRedirect = "egress.bad-redirect";

    /// <summary>A redirect to another origin would repeat a body that holds a secret.</summary>
    public const string ConfidentialBody = "egress.confidential-body";

    /// <summary>The response is larger than allowed.</summary>
    public const string ResponseTooLarge = "egress.response-too-large";

    /// <summary>The URL holds a user name or a password.</summary>
    public const string CredentialsInUrl = "egress.credentials-in-url";
}
