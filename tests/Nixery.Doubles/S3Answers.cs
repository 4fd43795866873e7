using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

internal static class S3Answers
{
    public static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : AnswerAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", "no"), new XElement("RequestId", "r1")));
    }

    public static Task AnswerAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync(answer.ToString(), context.RequestAborted);
    }
}
