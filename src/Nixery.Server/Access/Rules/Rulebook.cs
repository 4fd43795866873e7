namespace Nixery.Server.Access.Rules;

/// <summary>The rules in force. All that are for a caller add up; nothing is taken away, so their order means nothing.</summary>
internal sealed class Rulebook
{
    private const string Setting = "Nixery:Access:Rules";

    /// <summary>In an answer.</summary>
    private const int MostNames = 8;

    private readonly IReadOnlyList<Rule> _rules;
    private readonly AnonymousMay _anonymous;

    /// <exception cref="FormatException">A rule is none; <see cref="AccessProblems"/> has said so at start.</exception>
    public Rulebook(AccessOptions options, IReadOnlyCollection<string> sets)
    {
        _rules = [.. options.Rules.Select(rule => Parse(rule, sets))];
        _anonymous = options.AnonymousInForce();
        Anonymous = RightsOf(null, []);
    }

    /// <summary>Of who has not logged in.</summary>
    public Rights Anonymous { get; }

    /// <summary>Without rules, whoever comes in may have all.</summary>
    /// <param name="user">Null for who has not logged in.</param>
    public Rights RightsOf(string? user, IReadOnlyList<string> groups)
    {
        if (user is null && _anonymous == AnonymousMay.Nothing)
        {
            return Rights.None;
        }

        var rights = _rules.Count == 0 ? Rights.All : Sum([.. _rules.Where(r => r.Subject.Is(user, groups))]);
        return user is null && _anonymous == AnonymousMay.Pull ? rights.ToPullOnly() : rights;
    }

    /// <summary>What the rules give to a caller, and which they are, for the answer to who was refused.</summary>
    public string Explain(string? user, IReadOnlyList<string> groups)
    {
        var mine = _rules.Select((rule, index) => (rule, index)).Where(r => r.rule.Subject.Is(user, groups)).ToList();
        var rights = RightsOf(user, groups);
        var numbers = string.Join(", ", mine.Select(r => $"{Setting}:{r.index}"));
        return mine.Count == 0 ? $"no rule of {Setting} is for them; whoever runs this registry can add one"
            : rights.AreNone ? $"{numbers} {(mine.Count == 1 ? "gives" : "give")} them nothing"
            : $"{numbers} {(mine.Count == 1 ? "gives" : "give")} them {Names(rights)}; whoever runs this registry can give more";
    }

    private static string Names(Rights rights)
    {
        var all = rights.Build.Concat(rights.Pull).Select(p => p.Text).Distinct(StringComparer.Ordinal).ToList();
        return string.Join(", ", all.Take(MostNames)) + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");
    }

    private static Rights Sum(IReadOnlyList<Rule> rules) => rules.Count == 0
        ? Rights.None
        : new Rights([.. rules.SelectMany(r => r.Build)], [.. rules.SelectMany(r => r.Pull)]);

    private static Rule Parse(RuleOptions rule, IReadOnlyCollection<string> sets)
    {
        return new Rule(
            RuleSubject.TryParse(rule.Who, out var subject) ? subject : throw new FormatException(rule.Who),
            [.. rule.Build.Select(Parsed)],
            [.. rule.Pull.Select(Parsed)]);

        NamePattern Parsed(string text) => NamePattern.TryParse(text, sets, out var pattern, out var problem) ? pattern : throw new FormatException(problem);
    }

    private sealed record Rule(RuleSubject Subject, IReadOnlyList<NamePattern> Build, IReadOnlyList<NamePattern> Pull);
}
