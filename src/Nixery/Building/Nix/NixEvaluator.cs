using System.Diagnostics;
using Nixery.Closures;
using Nixery.Images;

namespace Nixery.Building.Nix;

/// <summary>
/// Asks for all names at once. When that fails, either the set is at fault (then nothing can be had) or one of the names
/// fails in a way that Nix cannot catch: abort, a missing attribute, a wrong type, endless recursion. Then the names are
/// asked in halves until those that fail stand alone.
/// </summary>
internal sealed class NixEvaluator(NixQuestion question)
{
    /// <summary>The year 10000, in seconds since the epoch: no date of an image is so late.</summary>
    private const long LastYear = 253_402_300_800;

    public async Task<EvaluationOutcome> EvaluateAsync(IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        var reply = await question.AskAsync(names, cancellationToken);
        if (reply is not NixReply.Failed failed)
        {
            return await InterpretAsync(names, reply, cancellationToken);
        }

        return await question.AskAsync([], cancellationToken) switch
        {
            NixReply.Failed set => new EvaluationOutcome.Unavailable(SourceTrouble.Of(set.ErrorTail)),
            NixReply.Answered set => await DivideAsync(names, failed, set.Reply, cancellationToken),
            var other => await InterpretAsync([], other, cancellationToken),
        };
    }

    private async Task<EvaluationOutcome> DivideAsync(
        IReadOnlyList<PackageName> names, NixReply.Failed failed, EvaluationReply set, CancellationToken cancellationToken)
    {
        if (names.Count == 1 && NixTrouble.IsOfTheNetwork(failed.ErrorTail))
        {
            return CannotDownload(names[0], failed);
        }

        if (names.Count == 1)
        {
            return Answered([Refusals.FromError(names[0], question.Platform, question.Settings, failed.ErrorTail)], set);
        }

        var answers = new List<PackageAnswer>();
        var half = names.Count / 2;
        foreach (var part in new[] { names.Take(half).ToArray(), names.Skip(half).ToArray() })
        {
            var reply = await question.AskAsync(part, cancellationToken);
            var outcome = reply is NixReply.Failed again
                ? await DivideAsync(part, again, set, cancellationToken)
                : await InterpretAsync(part, reply, cancellationToken);
            if (outcome is not EvaluationOutcome.Answered answered)
            {
                return outcome;
            }

            answers.AddRange(answered.Answers);
        }

        return Answered(answers, set);
    }

    private async Task<EvaluationOutcome> InterpretAsync(
        IReadOnlyList<PackageName> names, NixReply reply, CancellationToken cancellationToken)
    {
        switch (reply)
        {
            case NixReply.Unusable unusable:
                return new EvaluationOutcome.Unavailable(unusable.Explanation);
            case NixReply.TimedOut late:
                return new EvaluationOutcome.TimedOut(late.Limit);
            case NixReply.Answered answered:
                return await InterpretAsync(names, answered.Reply, cancellationToken);
            default:
                throw new UnreachableException();
        }
    }

    private async Task<EvaluationOutcome> InterpretAsync(
        IReadOnlyList<PackageName> names, EvaluationReply reply, CancellationToken cancellationToken)
    {
        var answers = new List<PackageAnswer>();
        foreach (var (name, answer) in names.Zip(reply.Answers))
        {
            var why = answer.Kind == "failed" ? await question.AskWhyAsync(name, cancellationToken) : null;
            if (why is NixReply.Unusable or NixReply.TimedOut)
            {
                return await InterpretAsync([], why, cancellationToken);
            }

            if (why is NixReply.Failed failed && NixTrouble.IsOfTheNetwork(failed.ErrorTail))
            {
                return CannotDownload(name, failed);
            }

            answers.Add(AnswerOf(name, answer, reply, why as NixReply.Failed));
        }

        return Answered(answers, reply);
    }

    private static EvaluationOutcome.Unavailable CannotDownload(PackageName name, NixReply.Failed failed) =>
        new($"{name} needs something that cannot be downloaded now: {NixText.Sentence(NixText.LastError(failed.ErrorTail))}");

    private PackageAnswer AnswerOf(PackageName name, AnswerReply answer, EvaluationReply reply, NixReply.Failed? why) => answer.Kind switch
    {
        "available" => TryRead(answer) is { } package
            ? new PackageAnswer.Available(name, package)
            : Refusals.OutsideTheStore(name),
        "notThere" => new PackageAnswer.NotFound(
            name,
            NearestNames.Of(name, answer.Reached!, reply.Siblings[answer.Reached!]),
            // As they can be typed; one that cannot be is no help.
            [.. (answer.Providers ?? []).Select(p => p.ToLowerInvariant()).Where(p => PackageName.TryParse(p, out _)).Take(5)]),
        "failed" when why is not null => Refusals.FromError(name, question.Platform, question.Settings, why.ErrorTail),
        "failed" => Refusals.WithoutReason(name),
        _ => Refusals.FromMarks(name, question.Platform, question.Settings, answer) ?? throw new UnreachableException(),
    };

    private static EvaluationOutcome.Answered Answered(IReadOnlyList<PackageAnswer> answers, EvaluationReply reply) =>
        new(answers, reply.LastModified is { } seconds and >= 0 and < LastYear ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null);

    /// <summary>
    /// Null where a path is none of the store: a set may say anything, and a content-addressed derivation does not know its
    /// outputs before it is built.
    /// </summary>
    private static Package? TryRead(AnswerReply answer)
    {
        if (!StorePath.TryParse(answer.DrvPath!, out var derivation) || !answer.Outputs!.All(o => StorePath.TryParse(o.Path, out _)))
        {
            return null;
        }

        return new Package(
            answer.Path!,
            answer.Name ?? Path.GetFileNameWithoutExtension(derivation.Name),
            answer.Version,
            derivation,
            [.. answer.Outputs!.Select(o => new PackageOutput(o.Name, StorePath.Parse(o.Path)))],
            answer.MainProgram,
            answer.Description,
            answer.Licences ?? []);
    }
}
