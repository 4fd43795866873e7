using Nixery.Pulls;
using Nixery.Server.Configuring;

namespace Nixery.Server.Limits;

/// <summary>Limits of clients and rules for images, which can change while the server runs.</summary>
internal static class LimitServices
{
    public static void AddLimits(this IServiceCollection services)
    {
        services.AddSingleton<ClientLimits>();
        services.AddSingleton(s => new LiveSetting("Nixery:Limits", now =>
        {
            s.GetRequiredService<PullRules>().Change(now.Limits);
            return true;
        }));
        services.AddSingleton(s => new LiveSetting("Nixery:Policy", now =>
        {
            s.GetRequiredService<PullRules>().Change(now.Policy);
            return true;
        }));
    }

    /// <summary>Behind the doors that say who it is.</summary>
    public static void UseLimits(this IApplicationBuilder app)
    {
        var limits = app.ApplicationServices.GetRequiredService<ClientLimits>();
        app.Use((context, next) => limits.AnswerAsync(context, next));
    }
}
