using System.Net;
using Nixery.Server.Access.Logins;
using Nixery.Server.Errors;

namespace Nixery.Server.Access;

/// <summary>Finds out who comes, for each request, and turns away who comes with credentials that are not good.</summary>
internal sealed partial class Reception(AccessOptions options, LoginCheck logins, LoginFiles files, Doorkeeper door, ILogger<Reception> logger)
{
    public async Task ReceiveAsync(HttpContext context, RequestDelegate next)
    {
        var anonymous = Caller.AnonymousFrom(context);
        context.Features.Set(anonymous);
        // Where nobody can log in nobody is asked; and where tokens are had, credentials are looked at as they are asked for.
        var authorization = context.Request.Headers.Authorization;
        if (!options.HasLogins() || authorization.Count == 0 || context.Request.Path == Challenge.TokenPath)
        {
            await next(context);
            return;
        }

        var outcome = await CheckAsync(Credentials.Of(authorization), anonymous.Address, context.RequestAborted);
        if (outcome is LoginOutcome.Known { Login: var login })
        {
            context.Features.Set(CallerOf(login, anonymous.Address));
            await next(context);
            return;
        }

        await OciErrorWriter.WriteAsync(context, ErrorOf(outcome, sentence => door.Unauthorized(context, null, sentence, isInvalid: true)));
    }

    /// <summary>Looks who it is, and writes down who it is not.</summary>
    public async ValueTask<LoginOutcome> CheckAsync(Credentials given, IPAddress from, CancellationToken cancellationToken)
    {
        var outcome = await logins.CheckAsync(given, from, cancellationToken);
        if (outcome is LoginOutcome.Refused refused)
        {
            // What is no name of ours may be a password in the wrong field.
            var user = given is not Credentials.Password { User: var name } ? "a token" : files.Users.Has(name) ? name : "somebody unknown";
            Log.Refused(logger, user, from, refused.Sentence);
        }

        return outcome;
    }

    /// <param name="unauthorized">Makes the answer to wrong credentials.</param>
    public static OciError ErrorOf(LoginOutcome outcome, Func<string, OciError> unauthorized) => outcome switch
    {
        LoginOutcome.Refused refused => unauthorized(refused.Sentence),
        LoginOutcome.TooMany tooMany => OciError.TooManyRequests(tooMany.Sentence) with { RetryAfter = TimeSpan.FromSeconds(Math.Ceiling(tooMany.Wait.TotalSeconds)) },
        LoginOutcome.Unavailable unavailable => OciError.Unavailable(unavailable.Sentence),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Caller CallerOf(Login login, IPAddress address) => login.User is not { } user
        ? new Caller(null, [], address)
        : new Caller(user, files.Groups.Of(user) is { Count: > 0 } more ? [.. login.Groups.Union(more, StringComparer.Ordinal)] : login.Groups, address);

    private static partial class Log
    {
        [LoggerMessage(4070, LogLevel.Warning, "A login of {User} from {Address} was refused: {Reason}")]
        public static partial void Refused(ILogger logger, string user, IPAddress address, string reason);
    }
}
