using Microsoft.Extensions.Logging;
using Nixery.Building.Nix;
using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>Makes a package set of its options: Configured(PinBook(channel or git)), or Configured(folder).</summary>
internal sealed class SourceFactory(NixProcess process, IRecordStore records, TimeProvider time, ILoggerFactory loggers)
{
    public PackageSet Create(string name, SourceOptions options)
    {
        if (options.Path is { } path)
        {
            return Of("a folder", new FolderPinner(path, time), null);
        }

        IRemotePinner source = options.Git is { } repository
            ? new GitPinner(repository, options, process, time)
            : new ChannelPinner(options, new HttpClient { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = ChannelPinner.MaxAnswerBytes }, time);
        var book = new PinBook(
            source, options, new PinRecords(records, source, loggers.CreateLogger<PinRecords>()), time, loggers.CreateLogger<PinBook>());
        var what = options.Git is { } address ? $"git {NixText.WithoutSecrets(address)}" : $"channel {options.Channel ?? SourceOptions.DefaultChannel}";
        return Of(what, book, book);

        PackageSet Of(string source, ISourcePinner pinner, PinBook? book) =>
            new(name, source, new ConfiguredPinner(pinner, name, options, time), book);
    }
}
