using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Primitives;
using Nixery.Pulls;
using Nixery.Server.Access;
using Nixery.Server.Blobs;
using Nixery.Server.Configuring;
using Nixery.Server.Errors;
using Nixery.Server.Limits;
using Nixery.Server.Pages;
using Nixery.Server.Sight;
using Nixery.Server.Tls;
using Nixery.Storage;
using Nixery.Storage.Gcs;
using Nixery.Storage.S3;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Nixery.Server;

/// <summary>Puts the server together: settings, log, rooms, doors. The same for the program and for the tests.</summary>
internal static class RegistryHost
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <param name="settings">Win over environment and defaults.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings do not fit together.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings) => Build(settings, _ => { });

    /// <summary>For a verb that prints something: the log goes to standard error. The host is put together and not started.</summary>
    /// <param name="settings">Win over environment and defaults.</param>
    public static WebApplication BuildForVerb(IEnumerable<KeyValuePair<string, string?>> settings) => Build(settings, _ => { }, LogEventLevel.Verbose);

    /// <summary>The settings alone, and where each is from.</summary>
    /// <param name="settings">Win over environment and defaults.</param>
    public static SettingSources ReadSources(IEnumerable<KeyValuePair<string, string?>> settings) =>
        SettingSources.In(WebApplication.CreateSlimBuilder().Configuration, settings);

    /// <param name="settings">Win over environment and defaults.</param>
    /// <param name="replace">Changes what the rooms are made of, for tests without Nix.</param>
    internal static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection> replace) =>
        Build(settings, replace, standardErrorFrom: null);

    private static WebApplication Build(
        IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection> replace, LogEventLevel? standardErrorFrom)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var sources = SettingSources.In(builder.Configuration, settings);
        var read = sources.Read();

        // Each of them expects what can go wrong in the world; one that fails all the same is a bug, and the server is no longer
        // what it promises: who was taken away would stay, a new certificate unread. It ends in order, and whoever supervises it starts it.
        builder.Services.Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost);
        // Where it listens is said all the same; the rest says nothing of this server.
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Logging.ClearProviders();
        var level = new LoggingLevelSwitch(read.Log.Level);
        builder.Logging.AddSerilog(CreateLogger(read.Log.Format, level, standardErrorFrom), dispose: true);
        AddStorage(builder.Services, read.Storage);
        builder.Services.AddNixery(
            read.Source,
            read.Sets,
            read.Nix,
            read.Layers,
            read.Packing,
            read.Pulls,
            new PullRules(read.Limits, read.Policy),
            read.Storage.ForKeeping(),
            read.Headroom,
            read.Storage.Path);
        builder.Services.AddSingleton(read.Http).AddSingleton(read.Storage);
        builder.Services.AddSingleton<RegistryLists>();
        builder.Services.AddSingleton<BlobReader>();
        builder.Services.AddSingleton<BlobRedirects>();
        builder.Services.AddSingleton<RegistryEndpoints>();
        builder.Services.AddAccess(read.Access, [.. read.Sets.Keys]);
        builder.Services.AddHostedService<StartReport>();
        builder.AddSight(read);
        replace(builder.Services);
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(ForBrowsers(read.Http)));
        builder.AddListening(read.Http, read.Tls);
        builder.Services.AddLimits();
        builder.Services.AddReload(sources, read, level);

        var app = builder.Build();
        RejectedRequests.AnswerAll(app.Services);
        if (read.Http.AllowOrigins.Count > 0)
        {
            app.Use(VaryByOriginAsync);
            app.UseCors();
        }

        MapDoors(app);
        app.Lifetime.ApplicationStarted.Register(() => ActivatorUtilities.CreateInstance<Welcome>(app.Services, app.Logger).Say(read.Source, app.Urls));
        return app;
    }

    private static IServiceCollection AddStorage(IServiceCollection services, StorageSettings storage) => storage.Kind switch
    {
        StorageKind.FileSystem => services.AddFileStorage(storage.Path),
        StorageKind.S3 => services.AddS3Storage(storage.S3, storage.ForBuckets()),
        StorageKind.Gcs => services.AddGcsStorage(storage.Gcs, storage.ForBuckets()),
        StorageKind.Memory => services.AddMemoryStorage(storage.LimitBytes),
        _ => throw new UnreachableException(),
    };

    private static Logger CreateLogger(LogFormat format, LoggingLevelSwitch level, LogEventLevel? standardErrorFrom)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // A server that does not start says why in one sentence, at the end of its standard error.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LogEventLevel.Fatal)
            .Enrich.With<PlainLines>();
        return format == LogFormat.Json
            ? logger.WriteTo.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: standardErrorFrom).CreateLogger()
            : logger.Enrich.With<LineIds>().WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{Ids}{NewLine}{Exception}",
                formatProvider: CultureInfo.InvariantCulture,
                standardErrorFromLevel: standardErrorFrom).CreateLogger();
    }

    /// <summary>What a page needs to read an image: the methods of a pull, and the headers that tell of it.</summary>
    private static CorsPolicy ForBrowsers(HttpOptions options) => new CorsPolicyBuilder([.. options.AllowOrigins])
        .WithMethods("GET", "HEAD")
        .AllowAnyHeader()
        .WithExposedHeaders("Docker-Content-Digest", "Docker-Distribution-API-Version", "ETag", "Link", "Content-Range", "OCI-Filters-Applied", "Retry-After", "WWW-Authenticate", "Nixery-Pinned-Tag", "Nixery-Revision")
        .Build();

    /// <summary>A cache that keeps an answer for no origin must not give it to a page of one that is allowed.</summary>
    private static Task VaryByOriginAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            var vary = context.Response.Headers.Vary;
            context.Response.Headers.Vary = vary.Contains("Origin") ? vary : StringValues.Concat(vary, "Origin");
            return Task.CompletedTask;
        });
        return next(context);
    }

    private static void MapDoors(WebApplication app)
    {
        var registry = app.Services.GetRequiredService<RegistryEndpoints>();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Faults.AnswerAsync,
            // A build that ends because the server ends is no error of either.
            SuppressDiagnosticsCallback = fault => fault.Exception is OperationCanceledException,
        });
        app.UseAccess();
        app.UseLimits();
        app.Use((context, next) => RawPath.Of(context) is var path && RawPath.IsRegistry(path)
            ? registry.AnswerAsync(context, path)
            : next(context));
        app.UseRouting();
        app.MapAccess();
        app.MapMethods("/", ReadMethods, FrontPage.AnswerAsync);
        app.MapMethods("/status", ReadMethods, StatusPage.AnswerAsync);
        app.MapSight();
        app.MapFallback("{**path}", NothingHereAsync);
    }

    private static Task NothingHereAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("There is nothing here. The registry is below /v2/, and / says what it is.\n", context.RequestAborted);
    }
}
