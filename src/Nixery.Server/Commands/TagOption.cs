using System.CommandLine;
using Nixery.Images;

namespace Nixery.Server.Commands;

/// <summary><c>--tag</c>, of the verbs that read a package set.</summary>
internal static class TagOption
{
    public static Option<string> Create()
    {
        var option = new Option<string>("--tag")
        {
            Description = "Which revision of the package set, as in an image's tag.",
            DefaultValueFactory = _ => Tag.Latest.Text,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Tag.TryParse(token.Value, out _))
            {
                result.AddError($"'{token.Value}' is no tag");
            }
        });
        return option;
    }
}
