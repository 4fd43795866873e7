using System.Globalization;
using Microsoft.AspNetCore.Http;
using Nixery.Doubles;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

/// <summary>What a store answers in good order, and is none of the answers that there are.</summary>
public sealed class StrangeAnswerTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly byte[] Content = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
    private static readonly Digest Missing = Digest.Of("missing"u8);

    private GcsBench _gcs = null!;
    private S3Bench _s3 = null!;

    public async Task InitializeAsync()
    {
        _gcs = await GcsBench.StartAsync(new BucketBench(TimeSpan.FromMilliseconds(300)), (_, options) => new Gcs.GcsCredentials(options));
        _s3 = await S3Bench.StartAsync(new BucketBench(TimeSpan.FromMilliseconds(300)), options => options);
    }

    public async Task DisposeAsync()
    {
        await _gcs.DisposeAsync();
        await _s3.DisposeAsync();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("{}")]
    [InlineData("""{"name":"a","size":"1"}""")]
    [InlineData("""{"name":null,"size":"1","updated":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"name":"a","size":"many","updated":"2026-01-01T00:00:00Z"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"name":""")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task What_Google_is_not_known_to_say_of_an_object_is_a_fault_of_the_store(string answer)
    {
        _gcs.Server.Misbehaviour.Instead = Say(answer, "/storage/v1/b/");

        await FluentActions.Awaiting(() => _gcs.Blobs.FindSizeAsync(Missing, CancellationToken.None)).Should().ThrowAsync<BucketRefusedException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("""{"items":[{}]}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{"name":null,"size":"1","updated":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_list_by_Google_that_is_none_is_a_fault_of_the_store(string answer)
    {
        _gcs.Server.Misbehaviour.Instead = Say(answer, "/storage/v1/b/");

        await FluentActions.Awaiting(() => _gcs.Bucket.ListAllAsync("blobs/sha256/", CancellationToken.None).ToListAsync().AsTask())
            .Should().ThrowAsync<BucketRefusedException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    public async Task A_list_by_S3_that_is_none_is_a_fault_of_the_store(string answer)
    {
        _s3.Server.Misbehaviour.Instead = Say(answer, "/");

        await FluentActions.Awaiting(() => _s3.Bucket.ListAllAsync("blobs/sha256/", CancellationToken.None).ToListAsync().AsTask())
            .Should().ThrowAsync<IOException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("<InitiateMultipartUploadResult/>")]
    public async Task The_beginning_of_an_upload_by_S3_that_is_none_is_a_fault_of_the_store(string answer)
    {
        _s3.Server.Misbehaviour.Instead = async context =>
            HttpMethods.IsPost(context.Request.Method) && context.Request.Query.ContainsKey("uploads") && await Say(answer, "/")(context);

        await FluentActions.Awaiting(() => WriteAsync(_s3.Blobs, new byte[20_000_000])).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_a_list_has_besides_what_was_asked_for_is_passed_over()
    {
        var hex = Missing.Hex;
        string[] names = ["", "a", "some prefix/", "some prefix/blobs", $"another one/blobs/sha256/{hex}", $"some prefix/records/kind/{hex}", $"some prefix/blobs/sha256/{hex}"];
        _gcs.Server.Misbehaviour.Instead = Say(
            $$"""{"items":[null,{{string.Join(',', names.Select(n => $$"""{"name":"{{n}}","size":"7","updated":"2026-01-01T00:00:00Z"}"""))}}]}""", "/storage/v1/b/");
        _s3.Server.Misbehaviour.Instead = Say(
            $"<ListBucketResult>{string.Concat(names.Select(n => $"<Contents><Key>{n}</Key><Size>7</Size></Contents>"))}<Contents><Size>7</Size></Contents></ListBucketResult>", "/");

        foreach (var blobs in new[] { (IBlobInventory)_gcs.Blobs, (IBlobInventory)_s3.Blobs })
        {
            (await blobs.ListAsync(CancellationToken.None).ToListAsync()).Should().ContainSingle().Which.Digest.Should().Be(Missing);
        }

        foreach (var records in new[] { (IRecordStore)_gcs.Records, _s3.Records })
        {
            (await records.ListAsync("kind", CancellationToken.None).ToListAsync()).Should().ContainSingle().Which.Key.Hex.Should().Be(hex);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_upload_of_somebody_else_that_a_list_has_is_not_abandoned()
    {
        var aborted = 0;
        var list = Say("<ListMultipartUploadsResult><Upload><Key>of others</Key><UploadId>1</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>", "/");
        _s3.Server.Misbehaviour.Instead = context =>
        {
            aborted += HttpMethods.IsDelete(context.Request.Method) ? 1 : 0;
            return list(context);
        };

        (await _s3.Bucket.AbandonUploadsAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None)).Should().Be(0);

        aborted.Should().Be(0);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(206, "bytes 100-149/200", 50)]
    [InlineData(206, "bytes 0-49/200", 50)]
    [InlineData(206, "bytes 10-60/200", 50)]
    [InlineData(206, "bytes 10-60/200", 51)]
    [InlineData(206, "pages 10-59/200", 50)]
    [InlineData(206, "bytes */200", 50)]
    [InlineData(206, "nonsense", 50)]
    [InlineData(206, null, 50)]
    [InlineData(200, "bytes 10-59/200", 50)]
    [InlineData(200, null, 200)]
    public async Task A_part_that_says_to_be_another_is_asked_for_again_and_then_a_fault(int status, string? range, int length)
    {
        foreach (var (blobs, server) in Stores())
        {
            var stored = await WriteAsync(blobs, Content);
            var asked = 0;
            server.Instead = context => IsOfPart(context, () => asked++) ? AnswerAsync(context, status, range, length) : Task.FromResult(false);

            await FluentActions.Awaiting(() => blobs.OpenAsync(stored.Digest, new ByteRange(10, 50), CancellationToken.None)).Should().ThrowAsync<BucketUnavailableException>();

            asked.Should().BeGreaterThan(1);
            server.Instead = null;
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_part_that_is_right_the_second_time_is_read()
    {
        foreach (var (blobs, server) in Stores())
        {
            var stored = await WriteAsync(blobs, Content);
            var asked = 0;
            server.Instead = context => IsOfPart(context, () => asked++) && asked == 1 ? AnswerAsync(context, 206, "bytes 0-49/200", 50) : Task.FromResult(false);

            await using var part = await blobs.OpenAsync(stored.Digest, new ByteRange(10, 50), CancellationToken.None);

            var read = new MemoryStream();
            await part!.CopyToAsync(read);
            read.ToArray().Should().Equal(Content[10..60]);
            asked.Should().Be(2);
            server.Instead = null;
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_object_of_unknown_length_is_a_fault_and_not_empty()
    {
        foreach (var (blobs, server) in Stores())
        {
            var stored = await WriteAsync(blobs, Content);
            server.Instead = async context =>
            {
                if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Path.StartsWithSegments("/token"))
                {
                    return false;
                }

                await context.Response.StartAsync();
                await context.Response.Body.WriteAsync(Content);
                return true;
            };

            await FluentActions.Awaiting(() => blobs.OpenAsync(stored.Digest, ByteRange.Whole, CancellationToken.None)).Should().ThrowAsync<BucketUnavailableException>();
            server.Instead = null;
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_head_that_says_no_length_is_a_fault_and_no_empty_object()
    {
        _s3.Server.Misbehaviour.Instead = context => Task.FromResult(HttpMethods.IsHead(context.Request.Method));

        await FluentActions.Awaiting(() => _s3.Blobs.FindSizeAsync(Missing, CancellationToken.None)).Should().ThrowAsync<BucketUnavailableException>();
    }

    private IEnumerable<(IBlobStore Blobs, Misbehaviour Server)> Stores() => [(_gcs.Blobs, _gcs.Server.Misbehaviour), (_s3.Blobs, _s3.Server.Misbehaviour)];

    private static bool IsOfPart(HttpContext context, Action note)
    {
        var isOfPart = context.Request.Headers.Range.Count > 0;
        if (isOfPart)
        {
            note();
        }

        return isOfPart;
    }

    private static async Task<bool> AnswerAsync(HttpContext context, int status, string? range, int length)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = length;
        if (range is not null)
        {
            context.Response.Headers.ContentRange = range;
        }

        await context.Response.Body.WriteAsync(new byte[length]);
        return true;
    }

    private static Func<HttpContext, Task<bool>> Say(string answer, string path) => async context =>
    {
        if (!context.Request.Path.Value!.StartsWith(path, StringComparison.Ordinal))
        {
            return false;
        }

        context.Response.Headers.Date = TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        await context.Response.WriteAsync(answer);
        return true;
    };

    private static async Task<StoredBlob> WriteAsync(IBlobStore blobs, byte[] content)
    {
        await using var writer = await blobs.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(content);
        return await writer.CommitAsync(CancellationToken.None);
    }
}
