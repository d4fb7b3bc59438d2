namespace Countersign.Orchestration;

/// <summary>An error that stands for one that another process met, whose type is all that is known here.</summary>
public interface IForeignFault
{
    /// <summary>The name of the original error's type.</summary>
    string Kind { get; }
}
