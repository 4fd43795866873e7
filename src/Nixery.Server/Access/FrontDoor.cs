namespace Nixery.Server.Access;

/// <summary>Looks who comes in, before any other door.</summary>
internal static class FrontDoor
{
    public static void UseAccess(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Features.Set(Caller.AnonymousFrom(context));
        return next(context);
    });
}
