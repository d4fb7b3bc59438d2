using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Countersign.Host.Samples;

namespace Countersign.Features.Tests.Documents;

/// <summary>A page's commands, run one after the other as they stand: in a copy of what they need, with the program that the tests were built with and free ports.</summary>
internal sealed class PageRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private (string Usual, string Own)[] addresses = [("http://127.0.0.1:8080", $"http://127.0.0.1:{FreePort()}")];
    private readonly string folder = Directory.CreateTempSubdirectory("countersign-page-").FullName;

    public async Task<(int ExitCode, string Output)> RunAsync(Page page)
    {
        Copy("samples");
        if (page.Text.Contains("-- services --url", StringComparison.Ordinal))
        {
            // The page starts the services itself, where its copies of the samples then look for them.
            addresses = [.. addresses, (SampleServices.UsualAddress, $"http://127.0.0.1:{FreePort()}")];
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "samples"), "workflow.yaml", SearchOption.AllDirectories))
            {
                await File.WriteAllTextAsync(file, Local(await File.ReadAllTextAsync(file)));
            }
        }

        var shims = Directory.CreateDirectory(Path.Combine(folder, "shims")).FullName;
        var shim = Path.Combine(shims, "dotnet");
        await File.WriteAllTextAsync(shim, Shim());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "page.sh"), Local(Script(page)));
        var start = new ProcessStartInfo("bash", ["page.sh"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PATH"] = shims + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        using var bash = Process.Start(start)!;
        bash.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var output = bash.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = bash.StandardError.ReadToEndAsync(limit.Token);
            await bash.WaitForExitAsync(limit.Token);
            return (bash.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            bash.Kill(entireProcessTree: true);
            throw;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // 'serve' never ends: what follows begins when it listens, and a failure anywhere ends the page.
    private static string Script(Page page)
    {
        var script = new StringBuilder("""
            set -eo pipefail
            HOSTS=
            stop() { for host in $HOSTS; do kill -TERM "$host"; wait "$host"; done; HOSTS=; }
            trap stop EXIT

            """);
        var stream = 3;
        foreach (var block in page.Blocks.Where(block => block.Kind.StartsWith("run", StringComparison.Ordinal)))
        {
            script.AppendLine($"echo '== {page.Path}:{block.Line}'");
            switch (block.Kind)
            {
                case "run":
                    script.Append("{ ").Append(block.Text).AppendLine("}");
                    break;
                case "run stopped":
                    script.AppendLine("stop").Append("{ ").Append(block.Text).AppendLine("}");
                    break;
                case "run serve":
                    script.AppendLine($"exec {stream}< <(exec {block.Commands.Single()} 2>&1)").AppendLine("HOSTS=\"$! $HOSTS\"");
                    script.AppendLine("LISTENS=").AppendLine($"while read -r line <&{stream++}; do echo \"$line\"; case \"$line\" in Listening*) LISTENS=yes; break;; esac; done").AppendLine("[ -n \"$LISTENS\" ]");
                    break;
                default:
                    throw new InvalidOperationException($"{page.Path}:{block.Line}: 'sh {block.Kind}' is not known.");
            }
        }

        return script.AppendLine("echo '== end'").ToString();
    }

    private static string Shim() => $$"""
        #!/usr/bin/env bash
        [ "$1 $2 $3 $4" = "run --project src/Host --" ] || { echo "not a command of these pages: dotnet $*" >&2; exit 64; }
        shift 4
        exec "{{Dotnet()}}" exec --runtimeconfig "{{Beside("countersign.runtimeconfig.json")}}" --depsfile "{{Beside("countersign.deps.json")}}" "{{Beside("countersign.dll")}}" "$@"
        """;

    // The test platform may start the tests by a program of its own.
    private static string Dotnet() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "dotnet"))
        .Prepend(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "")
        .First(File.Exists);

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Local(string text) => addresses.Aggregate(text, (all, address) => all.Replace(address.Usual, address.Own, StringComparison.Ordinal).Replace($"--allow {new Uri(address.Usual).Authority}", $"--allow {new Uri(address.Own).Authority}", StringComparison.Ordinal));

    private void Copy(string name)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Page.Root, name), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Page.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
