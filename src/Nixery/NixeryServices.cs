using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nixery.Building;
using Nixery.Building.Nix;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Packing.Encoders;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Sources;
using Nixery.Storage;
using Nixery.Tables;

namespace Nixery;

/// <summary>The only wiring in this project.</summary>
public static class NixeryServices
{
    /// <summary>
    /// Adds the rooms behind <see cref="ImagePipeline"/> and <see cref="IBlobStore"/>, which is all that a server needs besides a
    /// <see cref="Warehouse"/>.
    /// </summary>
    public static IServiceCollection AddNixery(
        this IServiceCollection services,
        SourceOptions source,
        IReadOnlyDictionary<string, SourceOptions> sets,
        NixOptions nix,
        LayerOptions layers,
        PackingOptions packing,
        PullOptions pulls,
        PullRules rules,
        KeepingOptions keeping,
        HeadroomOptions headroom,
        string storageFolder)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(layers).AddSingleton(packing).AddSingleton(pulls).AddSingleton(rules).AddSingleton(keeping);

        services.AddSingleton(s => s.GetRequiredService<Warehouse>().Blobs);
        services.AddSingleton(s => s.GetRequiredService<Warehouse>().Leases);
        services.AddSingleton<IRecordStore>(s => new RememberingRecordStore(s.GetRequiredService<Warehouse>().Records, pulls.MemoryBytes));
        services.AddSingleton<IRecordInventory>(s => s.GetRequiredService<IRecordStore>());

        services.AddSingleton<NixProcess>();
        services.AddSingleton(_ => ClaimedFolder.Claim(nix.RootsPath));
        services.AddSingleton(s => new NixImageBuilder(
            s.GetRequiredService<NixProcess>(),
            nix with { RootsPath = s.GetRequiredService<ClaimedFolder>().Path },
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new LimitedImageBuilder(
            new MeasuredImageBuilder(s.GetRequiredService<NixImageBuilder>()), nix.MostAtOnce, nix.MostWaiting));
        services.AddSingleton(s => new RecordingImageBuilder(s.GetRequiredService<LimitedImageBuilder>(), s.GetRequiredService<TimeProvider>()));
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
        services.AddSingleton<IImageNames>(s => s.GetRequiredService<PackageSets>());
        services.AddSingleton<ISourceStatus>(s => s.GetRequiredService<PackageSets>());
        services.AddHostedService(s => new PinRefresher(
            s.GetRequiredService<PackageSets>(), PinRefresher.IntervalFor([source, .. sets.Values]), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new StoreTreeReader(StorePath.StoreDirectory));
        services.AddSingleton(_ => PieceFormat.Of(packing));
        services.AddSingleton(s => new PieceStock(s.GetRequiredService<PieceFormat>(), packing.MemoryBytes));
        services.AddSingleton(s => new PieceThreads(s.GetRequiredService<PieceFormat>(), Environment.ProcessorCount));
        services.AddSingleton<LayerCompressor>();
        services.AddSingleton(s => new LayerWriter(
            s.GetRequiredService<StoreTreeReader>(),
            Writable(s),
            s.GetRequiredService<LayerCompressor>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<LayerWriter>>()));
        services.AddSingleton<RootLayer>();
        services.AddSingleton<TypedRecords>();
        services.AddSingleton<UnseenFaults>();
        services.AddSingleton<BuildCache>();
        services.AddSingleton<SourceCheck>();
        services.AddSingleton<PackageMemory>();
        services.AddSingleton<OutputMemory>();
        services.AddSingleton<OutputRealiser>();
        services.AddSingleton<DraftRealiser>();
        services.AddSingleton<ImagePolicy>();
        services.AddSingleton<NameEvaluation>();
        services.AddSingleton<ClosureLimit>();
        services.AddSingleton<ImageWriter>();
        services.AddSingleton(ILayerPlanner.Of(layers));
        // Nixery's planner knows popularity and nothing else, and that is not learned.
        services.AddSingleton(layers.Planner == PlannerKind.Forest ? LearningSchedule.Default : LearningSchedule.Never);
        services.AddSingleton(s => new TableReader(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TableMemory>();
        services.AddSingleton(s => new ConfiguredTable(
            layers.Table,
            s.GetRequiredService<TableReader>(),
            s.GetRequiredService<TableMemory>(),
            s.GetRequiredService<IRecordStore>(),
            s.GetRequiredService<ILogger<ConfiguredTable>>()));
        services.AddHostedService<TableRefresher>();
        services.AddSingleton<ObservedImages>();
        services.AddHostedService<ObservedWriter>();
        services.AddSingleton<TableLearner>();
        services.AddSingleton<PinTables>();
        services.AddSingleton<LayerTables>();
        services.AddSingleton<ImageMemory>();
        services.AddSingleton(_ => new Turns(packing.ImagesAtOnce, packing.MostWaiting));
        services.AddSingleton(s => new Queues(s.GetRequiredService<LimitedImageBuilder>().Turns, s.GetRequiredService<Turns>()));
        services.AddSingleton<LayerPacking>();
        services.AddSingleton<ImageLayers>();
        services.AddSingleton(s => new EarlyPacking(
            s.GetRequiredService<IStoreForesight>(),
            s.GetRequiredService<OutputMemory>(),
            s.GetRequiredService<ImageLayers>(),
            new Turns(nix.MostAtOnce, int.MaxValue),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<EarlyPacking>>()));
        services.AddSingleton(s => new Headroom(headroom, storageFolder, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ImageBuild(
            s.GetRequiredService<NameEvaluation>(),
            s.GetRequiredService<ImageWriter>(),
            s.GetRequiredService<ImageMemory>(),
            s.GetRequiredService<BuildCache>(),
            s.GetRequiredService<BlobsInUse>(),
            Writable(s),
            s.GetRequiredService<ILogger<ImageBuild>>()));
        services.AddSingleton<OneBuilder>();
        services.AddSingleton(s => new StoreSweep(
            s.GetRequiredService<NixProcess>(),
            nix,
            s.GetRequiredService<NixImageBuilder>().Kept,
            () => s.GetRequiredService<Headroom>().Read().FirstOrDefault(d => d.Name == "nix")?.FreeBytes,
            s.GetRequiredService<ILogger<StoreSweep>>()));
        services.AddHostedService(s => new StoreSweeper(
            s.GetRequiredService<StoreSweep>(), s.GetRequiredService<Queues>(), nix, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<StoreSweeper>>()));
        services.AddSingleton<INixStoreSize>(s => s.GetRequiredService<StoreSweep>());
        services.AddSingleton<Closing>();
        services.AddSingleton<StorageCheck>();
        services.AddSingleton(s => new SharedWork<LayerKey, WrittenLayer>(s.GetRequiredService<UnseenFaults>().Report, ClosingOf(s)));
        services.AddSingleton(s => new SharedWork<RecordKey, PullOutcome>(s.GetRequiredService<UnseenFaults>().Report, ClosingOf(s)));
        AddKeeping(services);
        services.AddSingleton(s => new BinaryCacheCrawl(
            new HttpClient { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = BinaryCache.MaxNarInfoBytes }, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new PackageSetTable(
            s.GetRequiredService<PackageIndex>(), s.GetRequiredService<OutputRealiser>(), s.GetRequiredService<OutputMemory>(), layers));
        services.AddSingleton<ImageContents>();
        services.AddSingleton<SharedLayers>();
        services.AddSingleton(s => new LayerPreview(
            s.GetRequiredService<PackageSets>(),
            s.GetRequiredService<ImageBuild>(),
            s.GetRequiredService<ImageContents>(),
            s.GetRequiredService<ImageMemory>(),
            s.GetRequiredService<SharedLayers>(),
            s.GetRequiredService<ILayerPlanner>()));
        services.AddSingleton(s => new PackageIndex(
            s.GetRequiredService<PackageSets>(), s.GetRequiredService<IImageBuilder>(), s.GetRequiredService<PackageMemory>()));
        services.AddSingleton(s => new Repositories(
            s.GetRequiredService<TypedRecords>(), s.GetRequiredService<IRecordInventory>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Patience>();
        services.AddSingleton<ClientBuilds>();
        services.AddSingleton<BuildQueue>();
        services.AddSingleton(s => new SharedWork<RecordKey, NameAnswer>(s.GetRequiredService<UnseenFaults>().Report, ClosingOf(s)));
        services.AddSingleton<NameCheck>();
        services.AddSingleton(s => new ImageTags(
            s.GetRequiredService<PackageSets>(),
            s.GetRequiredService<ImageBuild>(),
            s.GetRequiredService<NameCheck>(),
            s.GetRequiredService<Repositories>()));
        services.AddSingleton(s => new ImagePipeline(
            s.GetRequiredService<PackageSets>(),
            s.GetRequiredService<ImageBuild>(),
            s.GetRequiredService<Repositories>(),
            s.GetRequiredService<OneBuilder>(),
            s.GetRequiredService<BuildQueue>()));
        return services;
    }

    private static CancellationToken ClosingOf(IServiceProvider services) =>
        services.GetRequiredService<Closing>().Token;

    private static void AddKeeping(IServiceCollection services)
    {
        services.AddSingleton(s => new ImageUses(s.GetRequiredService<TimeProvider>()));
        services.AddHostedService<UseWriter>();
        services.AddSingleton<BlobsInUse>();
        services.AddSingleton<Condemned>();
        services.AddSingleton<StorageLook>();
        services.AddSingleton<Sweep>();
        services.AddSingleton<OldRecords>();
        services.AddSingleton(s => new Eviction(
            s.GetRequiredService<Warehouse>(),
            s.GetRequiredService<StorageLook>(), s.GetRequiredService<Sweep>(), s.GetRequiredService<OldRecords>(), s.GetRequiredService<KeepingOptions>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<Eviction>>()));
        services.AddSingleton<EvictionLoop>();
        services.AddHostedService(s => s.GetRequiredService<EvictionLoop>());
        services.AddSingleton<StorageRoom>();
    }

    /// <summary>Where blobs are put: up to the limit, where there is one.</summary>
    private static IBlobStore Writable(IServiceProvider services) => services.GetRequiredService<KeepingOptions>().MaxBytes > 0
        ? new LimitedBlobStore(services.GetRequiredService<IBlobStore>(), services.GetRequiredService<StorageRoom>())
        : services.GetRequiredService<IBlobStore>();
}
