using System.Diagnostics;
using Countersign.Host.Terminal;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Countersign.Host.Logging;

/// <summary>
/// Writes an event as one line without what it must not show. The message of an exception can hold data, so that only its types and the
/// places of its stack are written. Characters that a terminal obeys are escaped.
/// </summary>
/// <param name="inner">Writes the event as text or JSON.</param>
internal sealed class LogLine(ITextFormatter inner) : ITextFormatter
{
    private const int Frames = 12;

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        inner.Format(Shown(logEvent), line);
        output.WriteLine(VisibleText.Of(line.ToString().TrimEnd('\r', '\n')));
    }

    // Only what the message names: the scopes that the web server adds hold the request's path.
    private static LogEvent Shown(LogEvent logEvent)
    {
        var named = logEvent.MessageTemplate.Tokens.OfType<PropertyToken>().Select(token => token.PropertyName).Append("SourceContext").ToHashSet(StringComparer.Ordinal);
        var properties = logEvent.Properties.Where(property => named.Contains(property.Key)).Select(property => new LogEventProperty(property.Key, property.Value));
        return logEvent.Exception is { } exception
            ? WithoutMessage(logEvent, exception, properties)
            : new LogEvent(logEvent.Timestamp, logEvent.Level, null, logEvent.MessageTemplate, properties);
    }

    private static LogEvent WithoutMessage(LogEvent logEvent, Exception exception, IEnumerable<LogEventProperty> named)
    {
        var types = new List<string>();
        for (var cause = exception; cause is not null && types.Count < Frames; cause = cause.InnerException)
        {
            types.Add(cause.GetType().FullName ?? cause.GetType().Name);
        }

        var frames = new StackTrace(exception).GetFrames().Take(Frames)
            .Select(frame => frame.GetMethod() is { } method ? $"{method.DeclaringType?.FullName}.{method.Name}" : "?");
        var template = new MessageTemplate([.. logEvent.MessageTemplate.Tokens, new TextToken(": "), new PropertyToken("Exception", "{Exception}"), new TextToken(" at "), new PropertyToken("At", "{At}")]);
        var properties = named
            .Append(new LogEventProperty("Exception", new ScalarValue(string.Join(" < ", types))))
            .Append(new LogEventProperty("At", new ScalarValue(string.Join(" < ", frames))));
        return new LogEvent(logEvent.Timestamp, logEvent.Level, null, template, properties);
    }
}
