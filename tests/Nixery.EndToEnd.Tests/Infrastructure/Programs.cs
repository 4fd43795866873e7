using System.ComponentModel;
using System.Diagnostics;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>How a program ended and all that it printed.</summary>
internal sealed record Ran(string CommandLine, int ExitCode, string Output, string Errors)
{
    public Ran Succeeded()
    {
        ExitCode.Should().Be(0, "{0} printed:\n{1}{2}", CommandLine, Output, Errors);
        return this;
    }
}

/// <summary>The only place of these tests that starts processes: the real clients, and the real server.</summary>
internal static class Programs
{
    private const string SystemFolders = "/usr/sbin:/sbin:/usr/bin:/bin";
    private const int NoSuchFile = 2;

    private static readonly Dictionary<string, string> DebianPackages = new(StringComparer.Ordinal)
    {
        ["ctr"] = "containerd",
        ["docker"] = "docker.io",
        ["dockerd"] = "docker.io",
        ["dotnet"] = "dotnet-sdk-10.0",
        ["htpasswd"] = "apache2-utils",
        ["kill"] = "procps",
        ["mount"] = "mount",
        ["umount"] = "mount",
    };

    public static Task<Ran> RunAsync(string program, params IEnumerable<string> arguments) =>
        RunInAsync(new Dictionary<string, string?>(), program, arguments);

    /// <param name="environment">Over that of the tests; null removes a variable.</param>
    public static async Task<Ran> RunInAsync(IReadOnlyDictionary<string, string?> environment, string program, params IEnumerable<string> arguments)
    {
        string[] list = [.. arguments];
        using var process = Start(program, list, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ran($"{program} {string.Join(' ', list)}", process.ExitCode, await output, await errors);
    }

    /// <param name="program">A missing one fails the test with its Debian package's name.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="environment">Over that of the tests; null removes a variable.</param>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(Find(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{start.Environment["PATH"]}:{SystemFolders}";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
#pragma warning disable RS0030 // banned so that the house has one place that starts processes; this is that of the tests
            var process = Process.Start(start)!;
#pragma warning restore RS0030
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e) when (e.NativeErrorCode == NoSuchFile)
        {
            throw new InvalidOperationException(
                $"these tests need the program '{program}'; scripts/test installs it (apt-get install {DebianPackages.GetValueOrDefault(program, program)})", e);
        }
    }

    /// <summary>Looks where root's PATH does too: dockerd is in /usr/sbin, which a user's PATH may leave out.</summary>
    private static string Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:{SystemFolders}".Split(':')
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists) ?? program;
}
