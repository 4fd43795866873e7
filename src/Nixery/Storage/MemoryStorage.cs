using Microsoft.Extensions.DependencyInjection;

namespace Nixery.Storage;

public static class MemoryStorage
{
    /// <summary>Keeps blobs and records in the memory of this process: for a try, or for a job that ends soon.</summary>
    /// <param name="limitBytes">Of what is being written at a time, beside what is stored; 0 for no limit.</param>
    public static IServiceCollection AddMemoryStorage(this IServiceCollection services, long limitBytes)
    {
        services.AddSingleton(s =>
        {
            var time = s.GetRequiredService<TimeProvider>();
            return new Warehouse(new MemoryBlobStore(limitBytes, time), new MemoryRecordStore(time), new MemoryLeases());
        });
        return services;
    }
}
