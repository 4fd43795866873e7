using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Nixery.Server.Tests.Access;

/// <summary>A registry with users alice and bob (password = name and 1234), a static token of ci, and a package set <c>team</c> besides its own.</summary>
public sealed class ClosedRegistry : IAsyncDisposable
{
    public const string StaticToken = "0123456789abcdef0123456789abcdef";

    private readonly Registry _registry;

    internal ClosedRegistry(TimeProvider? time = null)
    {
        _registry = new Registry { Time = time ?? TimeProvider.System };
        Directory.CreateDirectory(Path.Combine(_registry.Folder, "team"));
        File.WriteAllText(Path.Combine(_registry.Folder, "team", "default.nix"), "{ }");
        File.WriteAllLines(Users, [LineOf("alice"), LineOf("bob")]);
        File.WriteAllText(Tokens, $"ci:{StaticToken}\n");
        Set("HtpasswdFile", Users);
        Set("TokensFile", Tokens);
        _registry.More["Nixery:Sets:team:Path"] = Path.Combine(_registry.Folder, "team");
    }

    internal Registry Inner => _registry;

    public string Users => Path.Combine(_registry.Folder, "htpasswd");

    public string Tokens => Path.Combine(_registry.Folder, "tokens");

    /// <summary>A setting of access; before it starts.</summary>
    public ClosedRegistry Set(string name, string? value)
    {
        _registry.More[$"Nixery:Access:{name}"] = value;
        return this;
    }

    public ClosedRegistry Rule(int number, string who, string kind, params IEnumerable<string> patterns)
    {
        Set($"Rules:{number}:Who", who);
        foreach (var (pattern, index) in patterns.Select((p, i) => (p, i)))
        {
            Set($"Rules:{number}:{kind}:{index}", pattern);
        }

        return this;
    }

    public async Task<ClosedRegistry> StartAsync()
    {
        await _registry.InitializeAsync();
        return this;
    }

    public async ValueTask DisposeAsync() => await _registry.DisposeAsync();

    /// <summary>The cheapest hash that there is.</summary>
    public static string LineOf(string user, string? password = null) => $"{user}:{BCrypt.Net.BCrypt.HashPassword(password ?? user + "1234", workFactor: 4)}";

    public static string Basic(string user, string? password = null) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password ?? user + "1234"}"));

    public static string Bearer(string token) => "Bearer " + token;

    internal Task<Answer> GetAsync(string path, string? authorization = null, params IEnumerable<(string Name, string Value)> headers) =>
        SendAsync(HttpMethod.Get, path, authorization, null, headers);

    internal Task<Answer> PullAsync(string name, string? authorization = null) => GetAsync($"/v2/{name}/manifests/latest", authorization);

    internal async Task<Answer> SendAsync(
        HttpMethod method, string path, string? authorization, HttpContent? content = null, params IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _registry.Client.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A token of <c>/token</c>.</summary>
    internal async Task<string> LogInAsync(string authorization)
    {
        var answer = await GetAsync("/token?service=nixery&scope=repository:hello:pull", authorization);
        answer.Status.Should().Be(200, answer.Body);
        return answer.Json.GetProperty("token").GetString()!;
    }
}

internal sealed record Answer(HttpStatusCode Code, HttpResponseHeaders Headers, HttpContentHeaders Content, string Body)
{
    public int Status => (int)Code;

    public string Challenge => Headers.WwwAuthenticate.ToString();

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string ErrorCode => Json.GetProperty("errors")[0].GetProperty("code").GetString()!;

    public string Message => Json.GetProperty("errors")[0].GetProperty("message").GetString()!;
}
