using System.Globalization;
using Countersign.Host.Terminal;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace Countersign.Host.Logging;

/// <summary>
/// The log of a host: standard error and, where one is named, a rotating file. Lines are written by a thread of their own; where it cannot
/// keep up, lines are lost and no request or run waits.
/// </summary>
internal static class HostLog
{
    private const int QueuedLines = 10_000;
    private const string Text = "{Timestamp:yyyy-MM-dd'T'HH:mm:ss.fffzzz} {Level:u3} {Message:lj}{NewLine}";

    /// <summary>Opens the log.</summary>
    public static ILoggerFactory Open(LogOptions options)
    {
        var line = new LogLine(options.Json ? new RenderedCompactJsonFormatter() : new MessageTemplateTextFormatter(Text, CultureInfo.InvariantCulture));
        var least = LevelConvert.ToSerilogLevel(options.Level);
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(least)

            // The product logs requests itself, without paths and queries. What keeps the host from starting is an error of the command.
            .MinimumLevel.Override("Microsoft", (LogEventLevel)Math.Max((int)least, (int)LogEventLevel.Warning))
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting", LogEventLevel.Fatal)
            .WriteTo.Async(
                sinks =>
                {
                    sinks.Sink(new ErrorSink(line));
                    if (options.File is { } file)
                    {
                        sinks.File(
                            line, file, rollingInterval: RollingInterval.Day, fileSizeLimitBytes: LogOptions.MaxFileBytes, rollOnFileSizeLimit: true,
                            retainedFileCountLimit: LogOptions.MaxFiles, flushToDiskInterval: TimeSpan.FromSeconds(1), hooks: new OwnersFile());
                    }
                },
                bufferSize: QueuedLines,
                blockWhenFull: false)
            .CreateLogger();
        return new SerilogLoggerFactory(logger, dispose: true);
    }

    private sealed class ErrorSink(ITextFormatter line) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            line.Format(logEvent, text);
            Screen.ErrorLine($"{text.ToString().TrimEnd()}");
        }
    }

    private sealed class OwnersFile : Serilog.Sinks.File.FileLifecycleHooks
    {
        public override Stream OnFileOpened(string path, Stream underlyingStream, System.Text.Encoding encoding)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return underlyingStream;
        }
    }
}
