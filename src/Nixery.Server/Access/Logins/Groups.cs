using System.Collections.Frozen;

namespace Nixery.Server.Access.Logins;

/// <summary>Who is in which groups: lines of <c>group: user user</c>, as in Apache's group files.</summary>
internal sealed class Groups
{
    private readonly FrozenDictionary<string, IReadOnlyList<string>> _ofUser;

    private Groups(IEnumerable<(string Group, string User)> members) =>
        _ofUser = members.GroupBy(m => m.User, m => m.Group, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Distinct(StringComparer.Ordinal)], StringComparer.Ordinal);

    public static Groups None { get; } = new([]);

    /// <exception cref="FormatException">A line is none.</exception>
    public static Groups Parse(string text) => new(
        FileLines.Pairs(text).SelectMany(line => line.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(user => (line.Name, user))).ToList());

    public IReadOnlyList<string> Of(string user) => _ofUser.GetValueOrDefault(user, []);
}
