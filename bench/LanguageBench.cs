using System.Diagnostics;
using System.Globalization;
using System.Text;
using Countersign.Language;

namespace Countersign.Bench;

/// <summary>Reading and checking a definition of 50 steps. Target: at most 5 ms.</summary>
public static class LanguageBench
{
    private const int Rounds = 400;

    /// <summary>Prints the time and the allocation of one reading, as YAML and as JSON.</summary>
    public static void Run()
    {
        string yaml = Document();
        Definition definition = DefinitionReader.ReadValid(Encoding.UTF8.GetBytes(yaml));
        Measure("read yaml", Encoding.UTF8.GetBytes(yaml), static text => DefinitionReader.Read(text).Definition!);
        Measure("read json", Encoding.UTF8.GetBytes(DefinitionWriter.ToJson(definition)), static text => DefinitionReader.Read(text).Definition!);
        Measure("write yaml", Encoding.UTF8.GetBytes(yaml), _ => DefinitionWriter.ToYaml(definition));
    }

    private static void Measure(string name, byte[] text, Func<byte[], object> work)
    {
        for (int i = 0; i < Rounds / 2; i++)
        {
            work(text);
        }

        double[] times = new double[Rounds];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work(text);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        long allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Array.Sort(times);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"language {name}: {text.Length} bytes, 50 steps, p50 {times[Rounds / 2]:F3} ms, p95 {times[Rounds * 95 / 100]:F3} ms, {allocated / 1024} KB allocated"));
    }

    private static string Document()
    {
        StringBuilder yaml = new(
            """
            language: "1.0"
            name: fifty-steps
            version: 1.0.0
            input: { type: object, required: [text], properties: { text: { type: string }, rows: { type: array, items: { type: string } } } }
            static: { limit: 1000 }
            profile: { base: "https://api.example" }
            defaults: { retry: { attempts: 3 }, timeout: 30s }
            start: ask0
            steps:

            """);
        for (int i = 0; i < 10; i++)
        {
            string next = i == 9 ? "" : $"\n    next: ask{i + 1}";
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                  - id: ask{{i}}
                    type: ai_generate
                    prompt: "Look at ${ input.text } again"
                    schema: { type: object, required: [total], properties: { total: { type: number }, name: { type: string } } }
                    next: check{{i}}
                  - { id: check{{i}}, type: conditional, when: "steps.ask{{i}}.output.total > context.static.limit", then: approve{{i}}, else: each{{i}} }
                  - id: approve{{i}}
                    type: approval
                    approvers: { role: approver }
                    show: { total: "${ steps.ask{{i}}.output.total }" }
                    expires: 48h
                    next: each{{i}}
                  - id: each{{i}}
                    type: foreach
                    items: input.rows
                    start: call{{i}}
                    steps:
                      - id: call{{i}}
                        type: api_call
                        method: POST
                        url: "${ context.profile.base }/rows/${ index }"
                        headers: { Authorization: "Bearer ${ secret('key') }" }
                        body: { row: "${ item }", name: "${ steps.ask{{i}}.output.name }" }{{next}}

                """);
        }

        return yaml.ToString();
    }
}
