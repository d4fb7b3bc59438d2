using Countersign.Expressions;

namespace Countersign.Language;

/// <summary>A scope in which <c>secret('name')</c> is resolved. Only executors give one.</summary>
public interface ISecretScope : IExpressionScope
{
    /// <summary>Finds a secret.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its value, or null where there is none of that name.</returns>
    string? FindSecret(string name);
}

/// <summary>What the workflow language adds to the functions of expressions.</summary>
public static class LanguageFunctions
{
    /// <summary>Name of the function that yields a secret.</summary>
    public const string Secret = "secret";

    /// <summary><c>secret(name)</c>: the tenant's secret of that name, as a string. Fails with <c>secret.not-available</c> outside of executors and with <c>secret.not-found</c> where there is none.</summary>
    public static ExpressionFunctions All { get; } = new(
        new ExpressionFunction(Secret, 1, ResolveSecret) { Parameters = [CelType.String], Returns = CelType.String });

    /// <summary>The functions of a template: only what an executor resolves knows <c>secret</c>, so that nothing else can even call it.</summary>
    internal static ExpressionFunctions For(TemplateUse use) => use is TemplateUse.Executor or TemplateUse.Url ? All : ExpressionFunctions.None;

    private static CelValue ResolveSecret(IExpressionScope scope, CelValue[] arguments)
    {
        if (scope is not ISecretScope secrets)
        {
            throw new ExpressionException("secret.not-available", "Secrets are resolved in executors only.");
        }

        string name = arguments[0].Kind == CelKind.String
            ? arguments[0].AsString()
            : throw new ExpressionException(ExpressionErrorCodes.Type, "The name of a secret is a string.");
        return CelValue.String(secrets.FindSecret(name) ?? throw new ExpressionException("secret.not-found", $"There is no secret '{name}'."));
    }
}
