using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// Users and their bcrypt hashes: a file of Apache's htpasswd, of which the registry of Docker, too, reads bcrypt alone.
/// https://httpd.apache.org/docs/2.4/misc/password_encryptions.html
/// </summary>
internal sealed partial class Users
{
    /// <summary>Each step doubles the time of a check: beyond this it is seconds.</summary>
    private const int HighestCost = 15;

    /// <summary>Of no password: what is checked for who is not here takes as long as for who is.</summary>
    private static readonly string NoPassword = "$2a$10$abcdefghijklmnopqrstuu" + new string('.', 31);

    private readonly FrozenDictionary<string, string> _hashes;
    private readonly string _decoy;

    private Users(Dictionary<string, string> hashes)
    {
        _hashes = hashes.ToFrozenDictionary(StringComparer.Ordinal);
        // As long as most checks take: the cost that most lines have.
        var cost = hashes.Values.GroupBy(hash => hash[4..6]).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key, StringComparer.Ordinal).FirstOrDefault();
        _decoy = cost is null ? NoPassword : string.Concat(NoPassword.AsSpan(0, 4), cost.Key, NoPassword.AsSpan(6));
    }

    public static Users Nobody { get; } = new([]);

    public int Count => _hashes.Count;

    /// <exception cref="FormatException">A line is none, or no bcrypt.</exception>
    public static Users Parse(string text)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, name, value) in FileLines.Pairs(text))
        {
            var problem = Hash().Match(value) is not { Success: true } hash ? "has no bcrypt hash; htpasswd -B makes one"
                : int.Parse(hash.Groups["cost"].ValueSpan, CultureInfo.InvariantCulture) is < 4 or > HighestCost ? $"has a cost that is not 4 to {HighestCost} (htpasswd -B -C 10)"
                : !hashes.TryAdd(name, value) ? "is of a user who is there already"
                : null;
            if (problem is not null)
            {
                throw new FormatException($"line {number} ('{name}') {problem}");
            }
        }

        return new Users(hashes);
    }

    public bool Has(string user) => _hashes.ContainsKey(user);

    /// <summary>What a user's password is checked against, and for who is no user a hash that no password has.</summary>
    public string HashOf(string user) => _hashes.GetValueOrDefault(user, _decoy);

    [GeneratedRegex(@"\A\$2[aby]\$(?<cost>[0-9]{2})\$[./A-Za-z0-9]{53}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Hash();
}
