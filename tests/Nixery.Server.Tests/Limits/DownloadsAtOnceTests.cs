using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Pulls;
using Nixery.Server.Access;
using Nixery.Server.Configuring;
using Nixery.Server.Limits;
using Nixery.Server.Sight;
using Nixery.Tests;

namespace Nixery.Server.Tests.Limits;

/// <summary>Without a connection, which would have room for what is sent until somebody reads it.</summary>
public sealed class DownloadsAtOnceTests
{
    private const int Limit = 60_000;
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact(Timeout = Limit)]
    public async Task Downloads_at_a_time_are_counted_while_they_are_sent()
    {
        var rules = new PullRules(new LimitOptions { DownloadsAtOnce = 1 }, new PolicyOptions());
        using var log = new RequestLog(new LogOptions(), _time, NullLogger<RequestLog>.Instance);
        var limits = new ClientLimits(rules, _time, log);
        var sending = limits.AnswerAsync(Request("10.0.0.1"), _ => _gate.Task);

        var refused = Request("10.0.0.1");
        await limits.AnswerAsync(refused, _ => throw new InvalidOperationException("it was let through"));
        var others = 0;
        await limits.AnswerAsync(Request("10.0.0.2"), Answer);
        _gate.SetResult();
        await sending;
        await limits.AnswerAsync(Request("10.0.0.1"), Answer);

        refused.Response.StatusCode.Should().Be(StatusCodes.Status429TooManyRequests);
        others.Should().Be(2);

        Task Answer(HttpContext context)
        {
            others++;
            return Task.CompletedTask;
        }
    }

    private static DefaultHttpContext Request(string address)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = $"/v2/git/blobs/sha256:{new string('0', 64)}";
        context.Features.Set(new Caller(null, [], IPAddress.Parse(address)));
        return context;
    }
}
