namespace Nixery.EndToEnd.Infrastructure;

/// <summary>
/// Stands before the real Nix on the PATH of a server: writes down each call, and holds back realisations until told.
/// </summary>
internal sealed class WatchedNix
{
    private static readonly string[] Commands = ["nix", "nix-build", "nix-instantiate", "nix-store"];
    private readonly string _folder;

    /// <param name="folder">Where its files may be; it is not removed.</param>
    public WatchedNix(string folder)
    {
        _folder = Directory.CreateDirectory(Path.Combine(folder, "watched-nix")).FullName;
        foreach (var command in Commands)
        {
            var script = Path.Combine(_folder, command);
            File.WriteAllText(script, $"""
                #!/bin/sh
                echo "{command} $*" >> '{CallsFile}'
                case "{command} $1" in
                  "nix-store --realise") while [ -e '{GateFile}' ]; do sleep 0.05; done ;;
                esac
                PATH=${"{PATH#*:}"} exec {command} "$@"

                """);
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>In the command line of each program that it has started.</summary>
    public string Folder => _folder;

    /// <summary>For the server that is to be watched.</summary>
    public Dictionary<string, string?> Environment => new() { ["PATH"] = $"{_folder}:{System.Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin:/usr/bin:/bin" };

    /// <summary>The command lines so far, but for the one at the start of a server that asks which Nix there is.</summary>
    public string[] Calls => File.Exists(CallsFile)
        ? [.. File.ReadAllLines(CallsFile).Where(c => c != "nix-instantiate --version")]
        : [];

    public IEnumerable<string> Realisations => Calls.Where(c => c.StartsWith("nix-store --realise", StringComparison.Ordinal));

    public IEnumerable<string> Evaluations => Calls.Where(c => c.StartsWith("nix-instantiate", StringComparison.Ordinal));

    private string CallsFile => Path.Combine(_folder, "calls");

    private string GateFile => Path.Combine(_folder, "gate");

    public void HoldBack() => File.WriteAllText(GateFile, "");

    public void LetGo() => File.Delete(GateFile);
}
