using System.Diagnostics;

namespace Nixery.Tests.Packing;

/// <summary>Runs a program of the machine (tar, ln, mkfifo) to its end and fails when it fails.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
#pragma warning disable RS0030 // NixProcess is for Nix; tests start the tools that they compare with
        using var process = Process.Start(start)!;
#pragma warning restore RS0030
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} failed: {error}");
    }
}
