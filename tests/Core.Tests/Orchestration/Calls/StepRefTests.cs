using System.Text.Json;
using Countersign.Orchestration;

namespace Countersign.Core.Tests.Orchestration.Calls;

public sealed class StepRefTests
{
    [Fact]
    public void Key_OfACopy_IsTheCopysOwn()
    {
        var first = new StepRef("each:1.17.fetch", 2, 1);
        Assert.Equal("each:1.17.fetch:2:1", first.Key);

        var second = first with { Attempt = 2 };

        Assert.Equal("each:1.17.fetch:2:2", second.Key);
        Assert.Equal("each:1.17.fetch:2:1", first.Key);
    }

    [Fact]
    public void Equals_KeyAskedForOrNot_ComparesWhatItSays()
    {
        var asked = new StepRef("a", 1, 1);
        _ = asked.Key;

        Assert.Equal(new StepRef("a", 1, 1), asked);
        Assert.Equal(new StepRef("a", 1, 1).GetHashCode(), asked.GetHashCode());
        Assert.NotEqual(new StepRef("a", 1, 2), asked);
        Assert.NotEqual(new StepRef("a", 2, 1), asked);
        Assert.NotEqual(new StepRef("b", 1, 1), asked);
    }

    [Fact]
    public void Json_HoldsNoKey()
    {
        var step = new StepRef("a", 1, 3);
        _ = step.Key;

        Assert.Equal("""{"Path":"a","Visit":1,"Attempt":3}""", JsonSerializer.Serialize(step));
    }
}
