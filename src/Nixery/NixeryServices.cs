using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Pulls;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery;

/// <summary>The only wiring in this project.</summary>
public static class NixeryServices
{
    /// <summary>Adds the rooms behind <see cref="ImagePipeline"/> and <see cref="IBlobStore"/>, which is all that a server needs.</summary>
    public static IServiceCollection AddNixery(
        this IServiceCollection services,
        SourceOptions source,
        StorageOptions storage,
        NixOptions nix,
        LayerOptions layers,
        PackingOptions packing,
        PullOptions pulls)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(storage).AddSingleton(layers).AddSingleton(packing).AddSingleton(pulls);

        services.AddSingleton<StorageFolder>();
        services.AddSingleton<IBlobStore, FileBlobStore>();
        services.AddSingleton<IRecordStore>(s => new RememberingRecordStore(new FileRecordStore(s.GetRequiredService<StorageFolder>()), pulls.MemoryBytes));

        services.AddSingleton<NixProcess>();
        services.AddSingleton(_ => ClaimedFolder.Claim(nix.RootsPath));
        services.AddSingleton(s => new NixImageBuilder(
            s.GetRequiredService<NixProcess>(),
            nix with { RootsPath = s.GetRequiredService<ClaimedFolder>().Path },
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IImageBuilder>(s => new LimitedImageBuilder(s.GetRequiredService<NixImageBuilder>(), nix.MostAtOnce));

        services.AddSingleton(s => PinnerFor(source, s));
        services.AddSingleton(new StoreTreeReader(StorePath.StoreDirectory));
        services.AddSingleton<LayerWriter>();
        services.AddSingleton<RootLayer>();
        services.AddSingleton<TypedRecords>();
        services.AddSingleton<UnseenFaults>();
        services.AddSingleton<BuildCache>();
        services.AddSingleton<PackageMemory>();
        services.AddSingleton<OutputMemory>();
        services.AddSingleton<ImageWriter>();
        services.AddSingleton<ImageLayers>();
        services.AddSingleton<ImageBuild>();
        services.AddSingleton(s => new SharedWork<LayerKey, WrittenLayer>(s.GetRequiredService<UnseenFaults>().Report, Stopping(s)));
        services.AddSingleton(s => new SharedWork<RecordKey, PullOutcome>(s.GetRequiredService<UnseenFaults>().Report, Stopping(s)));
        services.AddSingleton(s => new PackageIndex(
            s.GetRequiredService<ISourcePinner>(), s.GetRequiredService<IImageBuilder>(), s.GetRequiredService<PackageMemory>()));
        services.AddSingleton(s => new ImagePipeline(
            s.GetRequiredService<ISourcePinner>(),
            s.GetRequiredService<BuildCache>(),
            s.GetRequiredService<ImageBuild>(),
            s.GetRequiredService<SharedWork<RecordKey, PullOutcome>>()));
        return services;
    }

    private static ISourcePinner PinnerFor(SourceOptions options, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return options switch
        {
            { Path: { } path } => new FolderPinner(path, time),
            { Git: { } repository } => Remembering(new GitPinner(repository, services.GetRequiredService<NixProcess>())),
            _ => Remembering(new ChannelPinner(options.Channel ?? SourceOptions.DefaultChannel, options, new HttpClient { Timeout = TimeSpan.FromSeconds(30) })),
        };

        RememberingPinner Remembering(ISourcePinner pinner) => new(pinner, options.PinFor, time);
    }

    private static CancellationToken Stopping(IServiceProvider services) =>
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
}
