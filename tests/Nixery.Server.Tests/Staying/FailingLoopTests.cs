using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Server.Access;
using Nixery.Server.Access.Issuers;
using Nixery.Server.Access.Logins;
using Nixery.Server.Commands;
using Nixery.Server.Sight;
using Nixery.Server.Tests.Configuring;
using Nixery.Tests;

namespace Nixery.Server.Tests.Staying;

/// <summary>What goes on beside the pulls and fails by a bug of ours.</summary>
public sealed class FailingLoopTests : IDisposable
{
    private const int Limit = 60_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-loop-").FullName;
    private readonly ManualTime _time = new();
    private readonly LogLines _log = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Timeout = Limit)]
    public async Task The_server_ends_in_order_and_with_an_error_and_the_log_has_what_failed()
    {
        await using var app = Build(services => services.AddSingleton(_log.ToProvider()).AddHostedService<Failing>());

        (await ServeCommand.RunAsync(app, CancellationToken.None)).Should().Be(1);

        _log.Text.Should().MatchRegex("(Error|Critical) .*BackgroundService").And.Contain("Ending: not ready from now on");
    }

    [Fact(Timeout = Limit)]
    public async Task It_may_fail_before_the_server_has_started()
    {
        await using var app = Build(services => services.AddHostedService<FailingAtOnce>());

        (await ServeCommand.RunAsync(app, CancellationToken.None)).Should().Be(1);
    }

    [Fact(Timeout = Limit)]
    public async Task A_server_that_is_told_to_end_ends_without_one()
    {
        await using var app = Build(_ => { });
        app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);

        (await ServeCommand.RunAsync(app, CancellationToken.None)).Should().Be(0);
    }

    [Fact(Timeout = Limit)]
    public async Task The_log_of_the_program_lets_it_through()
    {
        await using var app = Build(_ => { });

        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.Extensions.Hosting.Internal.Host").IsEnabled(LogLevel.Critical).Should().BeTrue();
    }

    [Fact(Timeout = Limit)]
    public async Task One_of_two_loops_of_logins_ends_both()
    {
        var issuer = new IssuerOptions { Issuer = "https://issuer.example", Audience = "nixery", KeysAddress = new Uri("https://issuer.example/keys") };
        var issuers = new TokenIssuers(
            [new TokenIssuer("cluster", issuer, new KeySet("cluster", issuer, new HttpClient(), _time, NullLogger.Instance), _time)]);
        using var watch = new LoginWatch(new LoginFiles(new AccessOptions(), NullLogger<LoginFiles>.Instance), issuers, _time);
        // What was disposed of is used again: a bug, and nothing that the loop knows of.
        issuers.Dispose();

        await watch.StartAsync(CancellationToken.None);

        await watch.Invoking(w => w.ExecuteTask!).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact(Timeout = Limit)]
    public async Task One_of_the_looks_of_readiness_ends_all()
    {
        var never = new TaskCompletionSource<ReadyAnswer>();
        ReadyCheck[] checks =
        [
            new("storage", IsVital: true, _ => never.Task),
            new("nix", IsVital: false, _ => throw new InvalidOperationException("a bug")),
        ];
        using var readiness = new Readiness(checks, new HealthOptions(), _time, NullLogger<Readiness>.Instance);

        await readiness.StartAsync(CancellationToken.None);

        await readiness.Invoking(r => r.ExecuteTask!).Should().ThrowAsync<InvalidOperationException>().WithMessage("a bug");
    }

    private Microsoft.AspNetCore.Builder.WebApplication Build(Action<IServiceCollection> replace) => RegistryHost.Build(
        new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Nixery:Source:Path"] = _folder,
            ["Nixery:Storage:Path"] = Path.Combine(_folder, "storage"),
            ["Nixery:Nix:RootsPath"] = Path.Combine(_folder, "roots"),
        },
        replace);

    private sealed class Failing(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new InvalidOperationException("a bug");
        }
    }

    private sealed class FailingAtOnce : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => throw new InvalidOperationException("a bug");
    }
}
