using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Packing.Encoders;
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
        IReadOnlyDictionary<string, SourceOptions> sets,
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
        services.AddSingleton(s => new RecordingImageBuilder(
            new LimitedImageBuilder(s.GetRequiredService<NixImageBuilder>(), nix.MostAtOnce, nix.MostWaiting), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IImageBuilder>(s => s.GetRequiredService<RecordingImageBuilder>());
        services.AddSingleton<IFailureLog>(s => s.GetRequiredService<RecordingImageBuilder>());
        services.AddSingleton<IStoreForesight>(s => new NixForesight(s.GetRequiredService<NixProcess>(), nix));
        services.AddSingleton(s => new NixVersion(s.GetRequiredService<NixProcess>()));

        services.AddSingleton<TryOut>(s => (pin, names, token) => SampleEvaluation.FindProblemAsync(s.GetRequiredService<IImageBuilder>(), pin, names, token));
        services.AddSingleton(s => new SourceFactory(
            s.GetRequiredService<NixProcess>(),
            s.GetRequiredService<IRecordStore>(),
            s.GetRequiredService<TryOut>(),
            NixpkgsPolicy.Read(name => nix.Environment.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name)),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(s => new PackageSets(
            s.GetRequiredService<SourceFactory>().Create("", source),
            sets.Select(named => s.GetRequiredService<SourceFactory>().Create(named.Key, named.Value))));
        services.AddSingleton<ISourceStatus>(s => s.GetRequiredService<PackageSets>());
        services.AddHostedService(s => new PinRefresher(
            s.GetRequiredService<PackageSets>(), PinRefresher.IntervalFor([source, .. sets.Values]), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new StoreTreeReader(StorePath.StoreDirectory));
        services.AddSingleton(_ => PieceFormat.Of(packing));
        services.AddSingleton(s => new PieceStock(s.GetRequiredService<PieceFormat>(), packing.MemoryBytes));
        services.AddSingleton(s => new PieceThreads(s.GetRequiredService<PieceFormat>(), Environment.ProcessorCount));
        services.AddSingleton<LayerCompressor>();
        services.AddSingleton<LayerWriter>();
        services.AddSingleton<RootLayer>();
        services.AddSingleton<TypedRecords>();
        services.AddSingleton<UnseenFaults>();
        services.AddSingleton<BuildCache>();
        services.AddSingleton<SourceCheck>();
        services.AddSingleton<PackageMemory>();
        services.AddSingleton<OutputMemory>();
        services.AddSingleton<DraftRealiser>();
        services.AddSingleton<ImageWriter>();
        services.AddSingleton(_ => new Turns(packing.ImagesAtOnce, packing.MostWaiting));
        services.AddSingleton<LayerPacking>();
        services.AddSingleton<ImageLayers>();
        services.AddSingleton(s => new EarlyPacking(
            s.GetRequiredService<IStoreForesight>(),
            s.GetRequiredService<OutputMemory>(),
            s.GetRequiredService<ImageLayers>(),
            new Turns(nix.MostAtOnce, int.MaxValue),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<EarlyPacking>>()));
        services.AddSingleton<ImageBuild>();
        services.AddSingleton(s => new SharedWork<LayerKey, WrittenLayer>(s.GetRequiredService<UnseenFaults>().Report, Stopping(s)));
        services.AddSingleton(s => new SharedWork<RecordKey, PullOutcome>(s.GetRequiredService<UnseenFaults>().Report, Stopping(s)));
        services.AddSingleton(s => new PackageIndex(
            s.GetRequiredService<PackageSets>(), s.GetRequiredService<IImageBuilder>(), s.GetRequiredService<PackageMemory>()));
        services.AddSingleton(s => new ImagePipeline(
            s.GetRequiredService<PackageSets>(),
            s.GetRequiredService<BuildCache>(),
            s.GetRequiredService<ImageBuild>(),
            s.GetRequiredService<SharedWork<RecordKey, PullOutcome>>()));
        return services;
    }

    private static CancellationToken Stopping(IServiceProvider services) =>
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
}
