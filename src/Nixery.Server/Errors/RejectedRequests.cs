using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Nixery.Server.Errors;

/// <summary>
/// Answers the requests that Kestrel refuses before any code of ours runs: a request line or header that is none, or too long.
/// Kestrel's own answer has no body and cannot be given one. But it tells of each by a diagnostic event before it answers, and ends the
/// connection after it: so what it writes from then on is left out, and our answer is sent in its place.
/// Over TLS Kestrel's answer stays: what is written here would go past the encryption. In HTTP/2 there is none, only a reset.
/// </summary>
internal sealed class RejectedRequests(TimeProvider time) : IObserver<KeyValuePair<string, object?>>
{
    private const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private static readonly TimeSpan LingerFor = TimeSpan.FromMilliseconds(300);

    /// <summary>Makes room for a last word on each connection.</summary>
    public static void LeaveRoom(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        var output = new LastWordPipeWriter(connection.Transport.Output);
        connection.Transport = new DuplexPipe(connection.Transport.Input, output);
        connection.Features.Set(output);
        await next(connection);
        if (output.HasLastWord)
        {
            await EndAsync(output, connection.Transport.Input);
        }
    });

    public static void AnswerAll(IServiceProvider services) => services.GetRequiredService<DiagnosticListener>()
        .Subscribe(new RejectedRequests(services.GetRequiredService<TimeProvider>()), name => name == EventName);

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: EventName, Value: IFeatureCollection features }
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException rejection
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IHttp2StreamIdFeature>() is null
            && features.Get<ITlsHandshakeFeature>() is null)
        {
            var isHead = HttpMethods.IsHead(features.GetRequiredFeature<IHttpRequestFeature>().Method);
            features.Get<LastWordPipeWriter>()?.EndWith(OciErrorWriter.MessageOf(OciError.OfRejection(rejection), isHead, time.GetUtcNow()));
        }
    }

    /// <summary>
    /// Answers, and takes what the client is still sending, for a moment: a connection that is closed over unread bytes is reset, and
    /// the client would not see its answer.
    /// </summary>
    private static async Task EndAsync(LastWordPipeWriter output, PipeReader input)
    {
        using var moment = new CancellationTokenSource(LingerFor);
        try
        {
            await output.SayLastWordAsync(moment.Token);
            ReadResult read;
            do
            {
                read = await input.ReadAsync(moment.Token);
                input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The moment is over, or the client has gone.
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
