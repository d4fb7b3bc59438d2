using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Countersign.Api.Tests;

/// <summary>Reads answers, with the body in the message where the status is another than wanted.</summary>
internal static class Http
{
    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{status} wanted, {(int)response.StatusCode} got: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path, int status = 200)
    {
        using var response = await client.GetAsync(path);
        return await response.ReadAsync(status);
    }

    public static async Task<JsonElement> PostJsonAsync(this HttpClient client, string path, object body, int status = 200)
    {
        using var request = ApiServer.Json(HttpMethod.Post, path, body);
        using var response = await client.SendAsync(request);
        return await response.ReadAsync(status);
    }

    public static async Task<JsonElement> PostTextAsync(this HttpClient client, string path, string body, int status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content);
        return await response.ReadAsync(status);
    }

    public static async Task<JsonElement> ProblemAsync(this Task<HttpResponseMessage> sending, int status, string code)
    {
        using var response = await sending;
        var problem = await response.ReadAsync(status);
        Assert.Equal(code, problem.Text("title"));
        return problem;
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static JsonElement[] Items(this JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];
}
