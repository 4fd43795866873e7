using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Storage;
using Nixery.Storage.Buckets;
using Nixery.Storage.S3;

namespace Nixery.Bench;

/// <summary>
/// <c>bucket</c>: puts a file into a bucket as a server puts a layer there, digest and spool and all, reads it back through the store, and
/// deletes it. Says the seconds of each. Credentials are where the SDK looks for them.
/// </summary>
internal static class BucketVerb
{
    private static readonly Option<FileInfo> Content = new("--file") { Description = "What is put and read.", Required = true };
    private static readonly Option<string> Endpoint = new("--endpoint") { Description = "The S3 server.", Required = true };
    private static readonly Option<string> Bucket = new("--bucket") { Description = "A bucket that is there.", Required = true };

    public static Command Create()
    {
        var verb = new Command("bucket", "Puts a file into an S3 bucket through the store, and reads it back.") { Content, Endpoint, Bucket };
        verb.SetAction(RunAsync);
        return verb;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var spool = Directory.CreateTempSubdirectory("nixery-bench-");
        try
        {
            await using var services = Put(parsed, spool.FullName);
            var blobs = services.GetRequiredService<Warehouse>().Blobs;
            // A server has its connection.
            await blobs.FindSizeAsync(Oci.Digest.Of("warm"u8), cancellationToken);

            var begun = Stopwatch.GetTimestamp();
            var stored = await UploadAsync(blobs, parsed.GetRequiredValue(Content), cancellationToken);
            var up = Stopwatch.GetElapsedTime(begun);
            begun = Stopwatch.GetTimestamp();
            await using (var content = await blobs.OpenAsync(stored.Digest, ByteRange.Whole, cancellationToken))
            {
                await content!.CopyToAsync(Stream.Null, cancellationToken);
            }

            var down = Stopwatch.GetElapsedTime(begun);
            await ((IBlobInventory)blobs).DeleteAsync(stored.Digest, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(FormattableString.Invariant($"{up.TotalSeconds:F3} {down.TotalSeconds:F3}"));
        }
        finally
        {
            spool.Delete(recursive: true);
        }
    }

    private static ServiceProvider Put(ParseResult parsed, string spool) => new ServiceCollection()
        .AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddS3Storage(
            new S3Options { Bucket = parsed.GetRequiredValue(Bucket), Endpoint = new Uri(parsed.GetRequiredValue(Endpoint)) },
            new BucketOptions(spool, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(20), PublicEndpoint: null))
        .BuildServiceProvider();

    private static async Task<StoredBlob> UploadAsync(IBlobStore blobs, FileInfo file, CancellationToken cancellationToken)
    {
        await using var content = file.OpenRead();
        await using var writer = await blobs.CreateAsync(cancellationToken);
        await content.CopyToAsync(writer.Content, cancellationToken);
        return await writer.CommitAsync(cancellationToken);
    }
}
