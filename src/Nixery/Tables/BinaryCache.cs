using System.Net;
using Nixery.Closures;

namespace Nixery.Tables;

/// <summary>A binary cache could not be asked. The message names it and is free of secrets.</summary>
public sealed class BinaryCacheException(string message) : Exception(message);

/// <summary>Asks a binary cache for what it knows of store paths, without fetching any.</summary>
/// <param name="address">As in Nix's <c>substituters</c>, http or https.</param>
internal sealed class BinaryCache(Uri address, HttpClient http, TimeProvider time)
{
    /// <summary>One with a thousand references has a hundred thousand bytes.</summary>
    public const int MaxNarInfoBytes = 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(16)];

    private readonly Uri _address = new(address.AbsoluteUri.EndsWith('/') ? address.AbsoluteUri : address.AbsoluteUri + "/");
    private readonly string _name = TableReader.Name(address.AbsoluteUri);

    /// <summary>
    /// The path, or, of one file that cannot be read, the problem; neither where the cache does not have the path. What may pass is tried
    /// again, a few times.
    /// </summary>
    /// <exception cref="BinaryCacheException">It cannot be asked.</exception>
    public async Task<(ClosureNode? Node, string? Problem)> FindAsync(StorePath path, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (status, text, problem) = await AskAsync(path, cancellationToken);
            if (status == HttpStatusCode.OK && problem is null)
            {
                return Read(path, text);
            }

            // cache.nixos.org is a bucket that answers 403 for what it does not have, where listing is not allowed.
            if (problem is null && status is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden)
            {
                return (null, null);
            }

            problem ??= $"HTTP {(int)status}";
            var mayPass = status is 0 or HttpStatusCode.OK or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
            if (!mayPass || attempt == Pauses.Length)
            {
                throw new BinaryCacheException($"the binary cache {_name} does not answer: {problem}");
            }

            await Task.Delay(Pauses[attempt], time, cancellationToken);
        }
    }

    private async Task<(HttpStatusCode Status, string Text, string? Problem)> AskAsync(StorePath path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync(new Uri(_address, $"{path.BaseName[..32]}.narinfo"), either.Token);
            return (response.StatusCode, await response.Content.ReadUtf8Async(either.Token), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (default, "", "no connection, or a broken answer");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, "", $"no answer within {Limit.TotalSeconds:0} s");
        }
    }

    private (ClosureNode? Node, string? Problem) Read(StorePath path, string text)
    {
        try
        {
            return NarInfoText.Parse(text) is var node && node.Path == path
                ? (node, null)
                : throw new FormatException($"it tells of {node.Path}");
        }
        catch (FormatException e)
        {
            return (null, $"what the binary cache {_name} says of {path} cannot be read: {e.Message}");
        }
    }
}
