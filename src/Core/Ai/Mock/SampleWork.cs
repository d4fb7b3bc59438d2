namespace Countersign.Ai;

/// <summary>What making a value may cost: a small schema can describe a value of any size.</summary>
internal sealed class SampleWork(CancellationToken cancellationToken)
{
    /// <summary>The most values, and schemas followed, of one try.</summary>
    public const int MostNodes = 20_000;

    /// <summary>The most characters of one try.</summary>
    public const int MostCharacters = 512 * 1024;

    /// <summary>The most of both over all tries, in nodes.</summary>
    public const int MostOfAll = 200_000;

    private int nodes;
    private int characters;
    private int all;

    /// <summary>Begins another try.</summary>
    public SampleWork Next()
    {
        (nodes, characters) = (0, 0);
        return this;
    }

    /// <summary>Counts a value or a schema that is looked at; false once there are too many.</summary>
    /// <exception cref="OperationCanceledException">The step's time is up.</exception>
    public bool Node()
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ++nodes <= MostNodes && ++all <= MostOfAll;
    }

    /// <summary>Counts the characters of a text; false once there are too many.</summary>
    public bool Text(int length) => (characters += length) <= MostCharacters;
}
