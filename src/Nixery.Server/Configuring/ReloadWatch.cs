using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Nixery.Server.Configuring;

/// <summary>
/// Has what is read from files read anew: when their content changes, and all of it on SIGHUP. The content is looked at and not the
/// folder's events: Kubernetes swaps a symbolic link three folders above, network folders tell nothing, and the files are small.
/// </summary>
internal sealed class ReloadWatch(IEnumerable<IReloadable> reloadables, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private bool _isAsked;
    private readonly Watched[] _watched = [.. reloadables.Select(r => new Watched(r))];

    /// <summary>Reads what has changed.</summary>
    public void Look() => Look(isAsked: false);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            // Else it would end us. It is read at the next look: what goes wrong here would end us too, and not in order.
            context.Cancel = true;
            _isAsked = true;
        });
        using var next = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await next.WaitForNextTickAsync(stoppingToken))
            {
                Look(Interlocked.Exchange(ref _isAsked, false));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private void Look(bool isAsked)
    {
        lock (_gate)
        {
            foreach (var watched in _watched)
            {
                var stamp = string.Join(' ', watched.Reloadable.Files.Select(StampOf));
                // The first look reads once more: nobody knows whether a file was changed since it was read at the start.
                if (isAsked || stamp != watched.Stamp)
                {
                    watched.Stamp = stamp;
                    watched.Reloadable.Reload();
                }
            }
        }
    }

    private static string StampOf(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(SmallFile.ReadBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }

    private sealed class Watched(IReloadable reloadable)
    {
        public IReloadable Reloadable => reloadable;

        public string? Stamp { get; set; }
    }
}
