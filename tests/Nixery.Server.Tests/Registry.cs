using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Building;
using Nixery.Layers;
using Nixery.Packing;
using Nixery.Pulls;
using Nixery.Server.Tests.Protocol;

namespace Nixery.Server.Tests;

/// <summary>The registry as the program puts it together, on a real Kestrel, with a builder that needs no Nix.</summary>
public sealed class Registry : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-server-").FullName;
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = new();

    internal FixedImageBuilder Builder { get; private set; } = new("");

    /// <summary>Settings beyond the usual ones; given before it starts.</summary>
    internal Dictionary<string, string?> More { get; } = [];

    /// <summary>Puts other things in the place of the server's; given before it starts.</summary>
    internal Action<IServiceCollection> Replace { get; set; } = _ => { };

    /// <summary>Takes the place of the machine's clock; given before it starts.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>When tables are learned; given before it starts.</summary>
    internal LearningSchedule Schedule { get; init; } = LearningSchedule.Default;

    public string Folder => _folder;

    public string StorageFolder => Path.Combine(_folder, "storage");

    public string StoreFolder => Path.Combine(_folder, "store");

    internal IServiceProvider Services => _app!.Services;

    public LayerPreview Preview => _app!.Services.GetRequiredService<LayerPreview>();

    public PackageIndex Index => _app!.Services.GetRequiredService<PackageIndex>();

    public StorageCheck Check => _app!.Services.GetRequiredService<StorageCheck>();

    /// <summary>Ends the server as the host ends it, and says when it has.</summary>
    public Task EndAsync() => _app!.StopAsync();

    private Uri Address => new(_app!.Urls.Single());

    public async Task InitializeAsync()
    {
        var packages = Directory.CreateDirectory(Path.Combine(_folder, "packages")).FullName;
        await File.WriteAllTextAsync(Path.Combine(packages, "default.nix"), "{ }");
        Builder = new FixedImageBuilder(StoreFolder);
        await StartAsync();
    }

    /// <summary>Ends the server and starts another one on the same storage, with the same builder.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        Dictionary<string, string?> settings = new()
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Nixery:Source:Path"] = Path.Combine(_folder, "packages"),
            ["Nixery:Storage:Path"] = StorageFolder,
            ["Nixery:Nix:RootsPath"] = Path.Combine(_folder, "roots"),
            ["Nixery:Log:Level"] = "Fatal",
            // Tests end servers in the middle of a build; that they may wait is tested where it is wanted.
            ["Nixery:Drain:WaitFor"] = "00:00:00",
        };
        foreach (var (name, value) in More)
        {
            settings[name] = value;
        }

        _app = RegistryHost.Build(settings, services =>
        {
            services.AddSingleton(Time);
            services.AddSingleton(Schedule);
            services.AddSingleton<IImageBuilder>(Builder);
            services.AddSingleton<IStoreForesight>(Builder);
            services.AddSingleton(new StoreTreeReader(StoreFolder));
            Replace(services);
        });
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    private async Task StopAsync()
    {
        Client.Dispose();
        // As the host does it: what runs is told to end before it is waited for.
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Sends these very bytes and reads one answer, as long as it says that it is.</summary>
    internal async Task<RawAnswer> AskAsync(string request, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(Address.Host, Address.Port, cancellationToken);
        await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        return await RawAnswer.ReadAsync(connection.GetStream(), isHead: request.StartsWith("HEAD ", StringComparison.Ordinal), cancellationToken);
    }

    /// <summary>Sends these very bytes, with no client in between that would make them good, and returns all of the answer.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(Address.Host, Address.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
