using Countersign.Core.Tests.Repository;
using System.Globalization;
using System.Text;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

/// <summary>Whatever the text is, reading gives a result; what was read can be written and read again. COUNTERSIGN_FUZZ_SECONDS runs it longer.</summary>
public sealed class DefinitionFuzz
{
    private static readonly string[] Tokens =
    [
        "${", "}", "$${", "${ steps.s0.output }", "${ has(steps.s1) }", "${ item }", "secret('k')", "&a ", "*a", "!!str ", "<<: ", "---\n", "...\n", "? ", "- ", ": ", "#", "|\n", ">-\n", "\"", "'", "\\", "{", "}", "[", "]", ",",
        "\n", "\n  ", "\t", "\r", "\0", "\u0085", "\uFEFF", "é", "😀", "%YAML 1.1\n", "null", "true", "1e999", "-.inf", "0x1", "1.", "1h30m", "99999999999999999999", "type: parallel\n", "type: foreach\n", "steps:\n", "catch:\n", "schema: { $ref: '#' }\n", "compensate: { type: set, values: {} }\n",
    ];

    [Fact]
    public void Read_OfAnyText_GivesAResult()
    {
        List<byte[]> corpus = Corpus();
        long read = Fuzz(3_000, random => One(corpus, random));
        Assert.True(read > 0);
    }

    [Fact]
    public void Read_OfDocumentWithItsPartsExchanged_GivesAResult()
    {
        Seeded scratch = new(0);
        List<byte[]> corpus = [.. Corpus().Where(text => StructuralMutation.Mutate(text, ref scratch) is not null)];
        long read = Fuzz(500, random => Check(StructuralMutation.Mutate(corpus[random.Next(corpus.Count)], ref random)!));
        Assert.True(read > 0);
    }

    [Fact]
    public void Read_OfDocumentWithAnItemTwice_GivesAResult()
    {
        byte[] whole = Encoding.UTF8.GetBytes(RepositoryFiles.Read("tests", "Core.Tests", "Language", "Corpus", "valid", "every-container.yaml"));
        Assert.Empty(DefinitionReader.Read(whole).Problems);
        List<byte[]> twice = [.. StructuralMutation.EachItemTwice(whole)];
        Assert.NotEmpty(twice);
        Assert.All(twice, Check);
    }

    private static void One(List<byte[]> corpus, Seeded random) => Check(Mutate(corpus[random.Next(corpus.Count)], ref random));

    private static void Check(byte[] text)
    {
        DefinitionResult result = DefinitionReader.Read(text);
        Assert.Equal(result.Definition is null, result.Problems.Any(problem => problem.Severity == ProblemSeverity.Error));
        Assert.True(result.Problems.Length <= DefinitionResult.MaxProblems);
        foreach (Problem problem in result.Problems)
        {
            Assert.True(problem.Line >= 1 && problem.Column >= 1, problem.ToString());
            Assert.Contains(problem.Code, ProblemCodes.All);
        }

        if (result.Definition is { } definition)
        {
            Assert.Equal(definition.Hash, DefinitionReader.Read(DefinitionWriter.ToYaml(definition)).Definition?.Hash);
            Assert.Equal(definition.Hash, DefinitionReader.Read(DefinitionWriter.ToJson(definition)).Definition?.Hash);
        }

        string decoded = Encoding.UTF8.GetString(text);
        int lines = decoded.AsSpan().Count('\n') + decoded.AsSpan().Count('\r') + decoded.AsSpan().Count('\u0085') + decoded.AsSpan().Count('\u2028') + decoded.AsSpan().Count('\u2029') + 2;
        UpgradeResult upgraded = LanguageUpgrade.Upgrade(decoded);
        Assert.All(upgraded.Problems, problem => Assert.InRange(problem.Line, 1, lines));
    }

    private static List<byte[]> Corpus()
    {
        List<byte[]> corpus = [];
        foreach (string page in RepositoryFiles.In("definition.*.md", "docs", "errors").Concat(RepositoryFiles.In("*.md", "docs", "steps")))
        {
            corpus.AddRange(RepositoryFiles.Blocks(File.ReadAllText(page)).Select(Encoding.UTF8.GetBytes));
        }

        for (ulong seed = 0; seed < 20; seed++)
        {
            Definition definition = GeneratedDefinition.Make(seed);
            corpus.Add(Encoding.UTF8.GetBytes(DefinitionWriter.ToYaml(definition)));
            corpus.Add(Encoding.UTF8.GetBytes(DefinitionWriter.ToJson(definition)));
        }

        corpus.AddRange(RepositoryFiles.In("*.yaml", "tests", "Core.Tests", "Language", "Corpus", "valid").Select(File.ReadAllBytes));
        corpus.Add(Encoding.UTF8.GetBytes(LanguageUpgradeTests.Old));
        corpus.RemoveAll(text => text.Length > 6000);
        return corpus;
    }

    private static byte[] Mutate(byte[] source, ref Seeded random)
    {
        List<byte> bytes = [.. source];
        for (int change = random.Next(5); change >= 0; change--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(random.Next(4) == 0 ? 200 : 6), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>So many rounds, or as many as fit into the time that was asked for. A round that fails names its seed.</summary>
    private static long Fuzz(int rounds, Action<Seeded> round)
    {
        string? wanted = Environment.GetEnvironmentVariable("COUNTERSIGN_FUZZ_SECONDS");
        double seconds = wanted is null ? 0 : double.Parse(wanted, CultureInfo.InvariantCulture);
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        ulong seed = 0;
        for (; wanted is null ? seed < (ulong)rounds : watch.Elapsed.TotalSeconds < seconds; seed++)
        {
            try
            {
                round(new Seeded(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Fuzz round with seed {seed} failed: {error.Message}", error);
            }
        }

        if (wanted is not null)
        {
            Console.WriteLine($"DefinitionFuzz: {seed} rounds in {watch.Elapsed.TotalSeconds:F0} s");
        }

        return (long)seed;
    }
}
