using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Server.Errors;

/// <summary>
/// The one handler of exceptions: a broken world is 503, a bug is 500. The server's own handler has logged the exception
/// already, and has cut the connection if the answer had begun.
/// </summary>
internal static class Faults
{
    public static Task AnswerAsync(HttpContext context)
    {
        var fault = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error;
        var error = fault switch
        {
            // The request's own faults, such as a body that is too large, know their status.
            BadHttpRequestException rejection => OciError.OfRejection(rejection),
            OperationCanceledException => OciError.Unavailable("this registry is stopping; ask again"),
            IOException or UnauthorizedAccessException => OciError.Unavailable("the storage of this registry cannot be used now; its log says why"),
            _ => OciError.Bug(Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier),
        };
        return OciErrorWriter.WriteAsync(context, error);
    }
}
