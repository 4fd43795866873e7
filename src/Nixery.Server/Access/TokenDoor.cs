using System.Text.Json.Serialization;
using Nixery.Server.Access.Logins;
using Nixery.Server.Access.Rules;
using Nixery.Server.Errors;

namespace Nixery.Server.Access;

/// <summary>
/// <c>/token</c>: a token for who logs in, and for anonymous where they may have something. By GET with Basic, as docker asks
/// (https://distribution.github.io/distribution/spec/auth/token/), or by POST of a form, as containerd does first
/// (https://distribution.github.io/distribution/spec/auth/oauth/). What scope is asked for does not matter: a token says who it is, and
/// what they may have is found out at each door.
/// </summary>
internal sealed partial class TokenDoor(Reception reception, LoginFiles files, OwnTokens tokens, Rulebook rules, TimeProvider time, ILogger<TokenDoor> logger)
{
    private const long LargestFormBytes = 64 * 1024;

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var from = Caller.Of(context).Address;
        var outcome = await reception.CheckAsync(await ReadAsync(context), from, context.RequestAborted);
        if (outcome is not LoginOutcome.Known { Login: var login })
        {
            await OciErrorWriter.WriteAsync(context, Reception.ErrorOf(outcome, sentence => Unauthorized(context, sentence)));
        }
        else if (login.User is null && rules.Anonymous.AreNone)
        {
            await OciErrorWriter.WriteAsync(context, Unauthorized(context, "this registry gives nothing to who has not logged in (docker login)"));
        }
        else
        {
            var token = tokens.Issue(login, files.Keys, out var until);
            Log.Issued(logger, login.User ?? RuleSubject.Anonymous, from, until);
            var now = time.GetUtcNow();
            await context.Response.WriteAsJsonAsync(
                new TokenBody(token, token, (int)(until - now).TotalSeconds, now), TokenJson.Default.TokenBody, cancellationToken: context.RequestAborted);
        }
    }

    /// <summary>Here it is Basic that is asked for, whatever leads here.</summary>
    private static OciError Unauthorized(HttpContext context, string sentence)
    {
        context.Response.Headers.WWWAuthenticate = Challenge.Basic;
        return new OciError(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", sentence);
    }

    private static async ValueTask<Credentials> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasFormContentType || !HttpMethods.IsPost(request.Method))
        {
            return Credentials.Of(request.Headers.Authorization);
        }

        try
        {
            var form = await request.ReadFormAsync(new Microsoft.AspNetCore.Http.Features.FormOptions { BufferBodyLengthLimit = LargestFormBytes, ValueCountLimit = 64 }, context.RequestAborted);
            return (string?)form["grant_type"] switch
            {
                "password" => Credentials.Of(form["username"].ToString(), form["password"].ToString()),
                // None is given out here; but a client may keep a token of an issuer, or a static one, as it keeps those.
                "refresh_token" => Credentials.OfToken(form["refresh_token"].ToString()),
                _ => new Credentials.Malformed("grant_type is password or refresh_token"),
            };
        }
        catch (InvalidDataException)
        {
            return new Credentials.Malformed("the form is malformed, or too large");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4072, LogLevel.Information, "A token for {User} at {Address} until {Until:u}")]
        public static partial void Issued(ILogger logger, string user, System.Net.IPAddress address, DateTimeOffset until);
    }
}

internal sealed record TokenBody(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("issued_at")] DateTimeOffset IssuedAt);

[JsonSerializable(typeof(TokenBody))]
internal sealed partial class TokenJson : JsonSerializerContext;
