using Nixery.Images;
using Nixery.Server.Access.Rules;
using Nixery.Server.Errors;
using Nixery.Sources;

namespace Nixery.Server.Access;

/// <summary>
/// Says at each door whether the caller may pass. A digest is a right of its own: it is learned from an image's manifest alone, so whoever
/// may pull the image that a path names may have any digest by that path.
/// </summary>
internal sealed class Doorkeeper(AccessOptions options, Rulebook rules, IImageNames names, Challenge challenge)
{
    /// <summary>Whether all is open to all: then caches that many share may keep what is served.</summary>
    public bool IsOpen => rules.Anonymous.AreAll;

    /// <returns>Null where the caller may pass; else the answer, and then the challenge is in its headers.</returns>
    public OciError? FindObstacle(HttpContext context, RegistryRoute route) => route switch
    {
        RegistryRoute.Ping => FindObstacleToPing(context),
        RegistryRoute.ManifestByTag manifest => FindObstacle(context, manifest.Name),
        RegistryRoute.ManifestByDigest manifest => FindObstacle(context, manifest.Name),
        RegistryRoute.Blob blob => FindObstacle(context, blob.Name),
        RegistryRoute.Tags list => FindObstacle(context, list.Name),
        RegistryRoute.Referrers referrers => FindObstacle(context, referrers.Name),
        // Filtered, so that it is empty for who may have nothing; but then they may log in.
        RegistryRoute.Catalog when RightsOf(context).AreNone => Refuse(context, null, "list images here"),
        _ => null,
    };

    /// <summary>Whether the image may be built for the caller; else only a stored one is theirs.</summary>
    public bool MayBuild(HttpContext context, ImageName name) => RightsOf(context) is var rights && (rights.AreAll || rights.MayBuild(names.Find(name)));

    /// <summary>Of these names of images those that the caller may pull.</summary>
    public IReadOnlyList<string> Filter(HttpContext context, IReadOnlyList<string> all) => RightsOf(context) is var rights && rights.MayPullAll
        ? all
        : [.. all.Where(text => ImageName.TryParse(text, out var name, out _) && rights.MayPull(names.Find(name)))];

    /// <summary>For a page that tells of what everybody asks for.</summary>
    public OciError? FindObstacleToStatus(HttpContext context) => RightsOf(context).MayPullAll ? null : Refuse(context, null, "see the state of this registry: it names what others ask for");

    /// <summary>Sets the challenge and says that the caller is not known.</summary>
    public OciError Unauthorized(HttpContext context, string? name, string sentence, bool isInvalid)
    {
        context.Response.Headers.WWWAuthenticate = challenge.Of(context, name, isInvalid);
        return new OciError(StatusCodes.Status401Unauthorized, "UNAUTHORIZED", sentence);
    }

    /// <summary>
    /// Clients ask here before all else, with nothing. Where one can log in they are told so, even if anonymous may pull: who has a password
    /// would else never be asked for it.
    /// </summary>
    private OciError? FindObstacleToPing(HttpContext context) =>
        options.HasLogins() && Caller.Of(context).User is null && (rules.Anonymous.AreNone || context.Request.Headers.Authorization.Count == 0)
            ? Unauthorized(context, null, "this registry wants to know who you are: docker login, or without a password where anonymous may pull", isInvalid: false)
            : null;

    private OciError? FindObstacle(HttpContext context, ImageName name) =>
        RightsOf(context) is var rights && (rights.MayPullAll || rights.MayPull(names.Find(name))) ? null : Refuse(context, name.Text, $"pull '{name}'");

    private OciError Refuse(HttpContext context, string? name, string what)
    {
        var caller = Caller.Of(context);
        return caller.User is null && options.HasLogins()
            ? Unauthorized(context, name, $"who has not logged in may not {what}; log in (docker login)", isInvalid: false)
            : OciError.Denied($"{caller.User ?? "anonymous"} may not {what}: {rules.Explain(caller.User, caller.Groups)}");
    }

    private Rights RightsOf(HttpContext context) => Caller.Of(context) is { User: { } user } caller ? rules.RightsOf(user, caller.Groups) : rules.Anonymous;
}
