using Microsoft.Extensions.Logging;
using Nixery.Building.Nix;
using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>Makes a package set of its options: Configured(PinBook(channel or git)), or Configured(folder).</summary>
internal sealed class SourceFactory(NixProcess process, IRecordStore records, TryOut tryOut, string policy, TimeProvider time, ILoggerFactory loggers)
{
    public PackageSet Create(string name, SourceOptions options)
    {
        if (options.Path is { } path)
        {
            var folder = new FolderPinner(path, time);
            return Of("folder", folder, null, null, folder.Status);
        }

        IRemotePinner source = options.Git is { } repository
            ? new GitPinner(repository, options, process, time)
            : new ChannelPinner(options, new HttpClient { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = ChannelPinner.MaxAnswerBytes }, time);
        var pins = new PinRecords(records, source, loggers.CreateLogger<PinRecords>());
        var book = new PinBook(source, options, pins, new PinTrial(options, pins, tryOut), time, loggers.CreateLogger<PinBook>());
        var what = options.Git is { } address ? $"git {NixText.WithoutUser(address)}" : $"channel {options.Channel ?? SourceOptions.DefaultChannel}";
        return Of(what, book, book, source, book.Status);

        PackageSet Of(string source, ISourcePinner pinner, PinBook? book, ITagSource? tags, Func<IReadOnlyList<PinStatus>> status) =>
            new(name, source, new ConfiguredPinner(pinner, name, policy, options, time), book, new TagList(tags, options, time), status);
    }
}
