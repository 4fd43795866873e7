using Microsoft.AspNetCore.Http;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

/// <summary>Parts of an object that are others, and lengths that are not said.</summary>
public sealed class StrangePartTests : StrangeAnswers
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

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
        S3.Server.Misbehaviour.Instead = context => Task.FromResult(HttpMethods.IsHead(context.Request.Method));

        await FluentActions.Awaiting(() => S3.Blobs.FindSizeAsync(Digest.Of("missing"u8), CancellationToken.None)).Should().ThrowAsync<BucketUnavailableException>();
    }

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
}
