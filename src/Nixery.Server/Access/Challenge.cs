using System.Text.RegularExpressions;
using Nixery.Server.Access.Logins;

namespace Nixery.Server.Access;

/// <summary>
/// What a client is told of how to log in: <c>WWW-Authenticate</c>. One way alone, as clients take the first that they know. With
/// passwords alone it is Basic. Where anonymous may come in too it is the token flow: only in that do clients without a password go on
/// after the first answer, and only by that answer do those who have one send it.
/// https://distribution.github.io/distribution/spec/auth/token/
/// </summary>
internal sealed partial class Challenge(AccessOptions options)
{
    public const string Basic = $"Basic realm=\"{OwnTokens.Name}\"";

    public const string TokenPath = "/token";

    /// <summary>Whether clients are to ask for tokens.</summary>
    private readonly bool _isTokenFlow = options.AnonymousInForce() != AnonymousMay.Nothing || options.Issuers.Count > 0;

    /// <param name="name">The image that the client may not have; null where it is none.</param>
    /// <param name="isInvalid">Whether it came with credentials that are not good: tokens are asked for anew then.</param>
    public string Of(HttpContext context, string? name, bool isInvalid)
    {
        if (!_isTokenFlow)
        {
            return Basic;
        }

        var scope = name is null ? "" : $",scope=\"repository:{name}:pull\"";
        return $"Bearer realm=\"{AddressFor(context)}\",service=\"{OwnTokens.Name}\"{scope}{(isInvalid ? ",error=\"invalid_token\"" : "")}";
    }

    /// <summary>By the name by which the client came, as far as that is one.</summary>
    private string AddressFor(HttpContext context) => options.TokenAddress is { } address ? address.AbsoluteUri
        : $"{(context.Request.IsHttps ? "https" : "http")}://{(context.Request.Host.Value is { } host && Host().IsMatch(host) ? host : "localhost")}{TokenPath}";

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+(:[0-9]{1,5})?\z|\A\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Host();
}
