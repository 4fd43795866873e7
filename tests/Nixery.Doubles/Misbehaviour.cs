using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

/// <summary>What a double does wrong, to be set at any time. With nothing set it behaves.</summary>
public sealed class Misbehaviour
{
    private int _requests;
    private int _bodies;
    private int _failuresLeft;
    private int _answersToLose;

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>Each such request is ended without an answer; 0 for none.</summary>
    public int ResetEvery { get; set; }

    /// <summary>Each such body of an object breaks off in its middle; 0 for none.</summary>
    public int CutBodyEvery { get; set; }

    /// <summary>Before each answer.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Never answers, until the client gives up.</summary>
    public bool IsMute { get; set; }

    /// <summary>Answers in its place and says true, or false where it is to answer itself.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>How many requests there were, those that went wrong, too.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The next so many requests are answered 503.</summary>
    public void FailNext(int requests) => Volatile.Write(ref _failuresLeft, requests);

    /// <summary>The next so many requests that write are done, and their answers do not arrive.</summary>
    public void LoseNextAnswers(int requests) => Volatile.Write(ref _answersToLose, requests);

    /// <summary>Does what was asked for; who asked may not hear of it.</summary>
    internal async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> answer)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || Interlocked.Decrement(ref _answersToLose) < 0)
        {
            await answer(context);
            return;
        }

        context.Response.Body = Stream.Null;
        await answer(context);
        context.Abort();
    }

    /// <returns>True when the request has had what it gets.</returns>
    internal async Task<bool> TakesAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests);
        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, context.RequestAborted);
        }

        if (IsMute)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }

        if (ResetEvery > 0 && number % ResetEvery == 0)
        {
            context.Abort();
            return true;
        }

        if (Instead is { } instead && await instead(context))
        {
            return true;
        }

        if (!IsDown && Interlocked.Decrement(ref _failuresLeft) < 0)
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
        return true;
    }

    /// <summary>How much of a body of <paramref name="length"/> bytes is sent before the connection ends.</summary>
    internal long Keep(long length) => CutBodyEvery > 0 && Interlocked.Increment(ref _bodies) % CutBodyEvery == 0 ? length / 2 : length;
}
