using Microsoft.AspNetCore.HttpOverrides;
using Nixery.Server.Access.Issuers;
using Nixery.Server.Access.Logins;
using Nixery.Server.Access.Rules;

namespace Nixery.Server.Access;

/// <summary>Looks who comes in, before any other door; the only wiring of this folder.</summary>
internal static class FrontDoor
{
    /// <param name="sets">The names of the package sets.</param>
    public static void AddAccess(this IServiceCollection services, AccessOptions options, IReadOnlyCollection<string> sets)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new Rulebook(options, sets));
        services.AddSingleton<Challenge>();
        services.AddSingleton<Doorkeeper>();
        services.AddSingleton<LoginFiles>();
        services.AddSingleton(s => new FailedLogins(options.MostFailedLogins, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PasswordCheck>();
        services.AddSingleton(s => new OwnTokens(options.TokenLifetime, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new TokenIssuers(options.Issuers.Select(i => Create(s, i.Key, i.Value))));
        services.AddSingleton<LoginCheck>();
        services.AddSingleton<Reception>();
        services.AddSingleton<TokenDoor>();
        if (options.HasLogins())
        {
            services.AddHostedService<LoginWatch>();
            services.AddHostedService<AccessReport>();
        }
    }

    public static void UseAccess(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<AccessOptions>();
        if (options.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Believing(options.TrustedProxies));
        }

        var reception = app.ApplicationServices.GetRequiredService<Reception>();
        app.Use(reception.ReceiveAsync);
    }

    /// <summary>The doors that are there where one can log in.</summary>
    public static void MapAccess(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetRequiredService<AccessOptions>().HasLogins())
        {
            var door = app.ServiceProvider.GetRequiredService<TokenDoor>();
            app.MapMethods(Challenge.TokenPath, [HttpMethods.Get, HttpMethods.Post], door.AnswerAsync);
        }
    }

    private static TokenIssuer Create(IServiceProvider services, string name, IssuerOptions issuer)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var keys = new KeySet(name, issuer, IssuerAddress.CreateClient(issuer), time, services.GetRequiredService<ILogger<KeySet>>());
        return new TokenIssuer(name, issuer, keys, time);
    }

    /// <summary>Proxies in a row are believed one by one, from the nearest on, as far as each is one of these.</summary>
    private static ForwardedHeadersOptions Believing(IReadOnlyList<string> networks)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        // ASP.NET believes this machine; who listens there may be anybody's tunnel.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(TrustedNetwork.Parse(network));
        }

        return options;
    }
}
