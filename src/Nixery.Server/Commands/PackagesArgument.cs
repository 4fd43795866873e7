using System.CommandLine;
using Nixery.Images;

namespace Nixery.Server.Commands;

/// <summary>Names of packages, of the verbs that take some of a package set.</summary>
internal static class PackagesArgument
{
    public static Argument<string[]> Create(string description)
    {
        var argument = new Argument<string[]>("packages") { Description = description, Arity = ArgumentArity.ZeroOrMore };
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => !PackageName.TryParse(t.Value, out _)))
            {
                result.AddError($"'{token.Value}' is no package name; write it in lower case");
            }
        });
        return argument;
    }
}
