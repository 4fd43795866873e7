using System.Globalization;
using Microsoft.AspNetCore.Http;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

/// <summary>Lists, descriptions and beginnings of uploads that are none.</summary>
public sealed class StrangeListTests : StrangeAnswers
{
    private static readonly Digest Missing = Digest.Of("missing"u8);

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
        Gcs.Server.Misbehaviour.Instead = Say(answer, "/storage/v1/b/");

        await FluentActions.Awaiting(() => Gcs.Blobs.FindSizeAsync(Missing, CancellationToken.None)).Should().ThrowAsync<BucketRefusedException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("""{"items":[{}]}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{"name":null,"size":"1","updated":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task A_list_by_Google_that_is_none_is_a_fault_of_the_store(string answer)
    {
        Gcs.Server.Misbehaviour.Instead = Say(answer, "/storage/v1/b/");

        await FluentActions.Awaiting(() => Gcs.Bucket.ListAllAsync("blobs/sha256/", CancellationToken.None).ToListAsync().AsTask())
            .Should().ThrowAsync<BucketRefusedException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    public async Task A_list_by_S3_that_is_none_is_a_fault_of_the_store(string answer)
    {
        S3.Server.Misbehaviour.Instead = Say(answer, "/");

        await FluentActions.Awaiting(() => S3.Bucket.ListAllAsync("blobs/sha256/", CancellationToken.None).ToListAsync().AsTask())
            .Should().ThrowAsync<IOException>();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("<InitiateMultipartUploadResult/>")]
    public async Task The_beginning_of_an_upload_by_S3_that_is_none_is_a_fault_of_the_store(string answer)
    {
        S3.Server.Misbehaviour.Instead = async context =>
            HttpMethods.IsPost(context.Request.Method) && context.Request.Query.ContainsKey("uploads") && await Say(answer, "/")(context);

        await FluentActions.Awaiting(() => WriteAsync(S3.Blobs, new byte[20_000_000])).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_a_list_has_besides_what_was_asked_for_is_passed_over()
    {
        var hex = Missing.Hex;
        string[] names = ["", "a", "some prefix/", "some prefix/blobs", $"another one/blobs/sha256/{hex}", $"some prefix/records/kind/{hex}", $"some prefix/blobs/sha256/{hex}"];
        Gcs.Server.Misbehaviour.Instead = Say(
            $$"""{"items":[null,{{string.Join(',', names.Select(n => $$"""{"name":"{{n}}","size":"7","updated":"2026-01-01T00:00:00Z"}"""))}}]}""", "/storage/v1/b/");
        S3.Server.Misbehaviour.Instead = Say(
            $"<ListBucketResult>{string.Concat(names.Select(n => $"<Contents><Key>{n}</Key><Size>7</Size></Contents>"))}<Contents><Size>7</Size></Contents></ListBucketResult>", "/");

        foreach (var blobs in new[] { (IBlobInventory)Gcs.Blobs, (IBlobInventory)S3.Blobs })
        {
            (await blobs.ListAsync(CancellationToken.None).ToListAsync()).Should().ContainSingle().Which.Digest.Should().Be(Missing);
        }

        foreach (var records in new[] { (IRecordStore)Gcs.Records, S3.Records })
        {
            (await records.ListAsync("kind", CancellationToken.None).ToListAsync()).Should().ContainSingle().Which.Key.Hex.Should().Be(hex);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_upload_of_somebody_else_that_a_list_has_is_not_abandoned()
    {
        var aborted = 0;
        var list = Say("<ListMultipartUploadsResult><Upload><Key>of others</Key><UploadId>1</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>", "/");
        S3.Server.Misbehaviour.Instead = context =>
        {
            aborted += HttpMethods.IsDelete(context.Request.Method) ? 1 : 0;
            return list(context);
        };

        (await S3.Bucket.AbandonUploadsAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None)).Should().Be(0);

        aborted.Should().Be(0);
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
}
