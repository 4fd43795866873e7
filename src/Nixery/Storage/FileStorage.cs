using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Nixery.Storage;

public static class FileStorage
{
    /// <summary>Keeps blobs and records in a folder; several servers on one machine may share it.</summary>
    public static IServiceCollection AddFileStorage(this IServiceCollection services, string path)
    {
        services.AddSingleton(s => new StorageFolder(path, s.GetRequiredService<ILogger<StorageFolder>>()));
        services.AddSingleton(s =>
        {
            var folder = s.GetRequiredService<StorageFolder>();
            return new Warehouse(new FileBlobStore(folder), new FileRecordStore(folder), new FileLeases(folder));
        });
        return services;
    }
}
