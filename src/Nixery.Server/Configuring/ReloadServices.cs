using Nixery.Server.Tls;
using Nixery.Storage.Gcs;
using Nixery.Storage.S3;
using Serilog.Core;

namespace Nixery.Server.Configuring;

/// <summary>What can change while the server runs, in one place.</summary>
internal static class ReloadServices
{
    /// <param name="read">What the server is started with.</param>
    /// <param name="level">Decides what is logged.</param>
    public static void AddReload(this IServiceCollection services, SettingSources sources, Settings read, LoggingLevelSwitch level)
    {
        services.AddSingleton(new LiveSetting("Nixery:Log:Level", now => Done(() => level.MinimumLevel = now.Log.Level)));
        services.AddSingleton(s => new LiveSetting("Nixery:Tls:CertificateFile", s.GetRequiredService<TlsCertificate>().TryChange));
        services.AddSingleton(s => new LiveSetting("Nixery:Tls:KeyFile", s.GetRequiredService<TlsCertificate>().TryChange));
        AddStorage(services, read.Storage);
        services.AddSingleton<IReloadable>(s => new SettingsReload(
            sources, read, s.GetServices<LiveSetting>(), s.GetRequiredService<ILogger<SettingsReload>>()));
        services.AddSingleton<IReloadable>(s => s.GetRequiredService<TlsCertificate>());
        services.AddSingleton<ReloadWatch>();
        services.AddHostedService(s => s.GetRequiredService<ReloadWatch>());
    }

    private static void AddStorage(IServiceCollection services, StorageSettings storage)
    {
        if (storage.Kind == StorageKind.S3)
        {
            foreach (var name in new[] { "AccessKey", "SecretKey", "SessionToken" })
            {
                services.AddSingleton(s => new LiveSetting($"Nixery:Storage:S3:{name}", now => s.GetRequiredService<S3KeyPair>().TryChange(now.Storage.S3)));
            }
        }
        else if (storage is { Kind: StorageKind.Gcs, Gcs.CredentialsFile: { } file })
        {
            services.AddSingleton<IReloadable>(s => new GcsReload(file, s.GetRequiredService<GcsCredentials>()));
        }
    }

    private static bool Done(Action change)
    {
        change();
        return true;
    }

    /// <summary>A key of Google's that was replaced in its file.</summary>
    private sealed class GcsReload(string file, GcsCredentials credentials) : IReloadable
    {
        public IReadOnlyList<string> Files => [file];

        public void Reload() => credentials.Forget();
    }
}
