using System.Diagnostics.CodeAnalysis;

namespace Nixery.Server.Access.Rules;

/// <summary>Whom a rule is for. In the names of users and groups <c>*</c> stands for anything.</summary>
internal sealed class RuleSubject
{
    public const string Anonymous = "anonymous";

    private const string Everybody = "everybody";
    private const string Users = "users";
    private const string User = "user:";
    private const string Group = "group:";

    private readonly string _text;

    private RuleSubject(string text) => _text = text;

    public static bool TryParse(string text, [NotNullWhen(true)] out RuleSubject? subject)
    {
        var isOne = text is Anonymous or Everybody or Users
            || (text.StartsWith(User, StringComparison.Ordinal) && text.Length > User.Length)
            || (text.StartsWith(Group, StringComparison.Ordinal) && text.Length > Group.Length);
        subject = isOne ? new RuleSubject(text) : null;
        return isOne;
    }

    /// <param name="user">Null for who has not logged in.</param>
    public bool Is(string? user, IReadOnlyList<string> groups) => _text switch
    {
        Everybody => true,
        Anonymous => user is null,
        Users => user is not null,
        _ when _text.StartsWith(User, StringComparison.Ordinal) => user is not null && Wildcard.Matches(_text[User.Length..], user),
        _ => groups.Any(group => Wildcard.Matches(_text[Group.Length..], group)),
    };
}
