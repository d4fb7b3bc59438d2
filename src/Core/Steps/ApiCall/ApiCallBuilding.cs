using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="ApiCallStep"/>s.</summary>
public static class ApiCallBuilding
{
    /// <summary>Adds a step that calls an HTTP interface.</summary>
    public static TBuilder ApiCall<TBuilder>(this TBuilder block, string id, string method, Template url, Func<ApiCallStep, ApiCallStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new ApiCallStep { Id = id, Method = method, Url = url }, with);
}
