// A program for the tests of NixProcess: it does one thing that a program may do, as its first argument says.
using System.Diagnostics;
using System.Globalization;

#pragma warning disable RS0030 // this program is a test subject: it starts processes to leave them behind

var verb = args is [] ? "" : args[0];
var rest = args.Skip(1).ToArray();
switch (verb)
{
    case "echo":
        Array.ForEach(rest, Console.Out.WriteLine);
        return 0;
    case "print-environment":
        Console.WriteLine(Environment.GetEnvironmentVariable(rest[0]));
        return 0;
    case "count-input":
        Console.WriteLine((await Console.In.ReadToEndAsync()).Length);
        return 0;
    case "flood-errors":
        Flood(Console.OpenStandardError(), Number(rest[0]));
        return 0;
    case "flood-both":
        var errors = Task.Run(() => Flood(Console.OpenStandardError(), Number(rest[0])));
        Flood(Console.OpenStandardOutput(), Number(rest[0]));
        await errors;
        return 0;
    case "flood-without-newline":
        Write(Console.OpenStandardError(), new byte[Number(rest[0])]);
        return 0;
    case "flood-output":
        Write(Console.OpenStandardOutput(), new byte[Number(rest[0])]);
        await Task.Delay(Timeout.Infinite);
        return 0;
    case "sleep":
        await Console.Error.WriteLineAsync("sleeping");
        await Task.Delay(Timeout.Infinite);
        return 0;
    case "sleep-with-child":
        // The child inherits our error pipe; the line tells the test that both are up.
        using (var child = Process.Start("/bin/sh", ["-c", "sleep 3600 & echo child $$ grandchild $! >&2; wait"]))
        {
            await child.WaitForExitAsync();
        }

        return 0;
    case "leave-grandchild":
        // The grandchild holds our pipes when we and the shell are gone.
        using (var child = Process.Start("/bin/sh", ["-c", "sleep 3600 & echo grandchild $!"]))
        {
            await child.WaitForExitAsync();
        }

        return 0;
    case "exit":
        return Number(rest[0]);
    default:
        await Console.Error.WriteLineAsync($"no such verb: '{verb}'");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static void Flood(Stream pipe, int lines)
{
    using var writer = new StreamWriter(pipe);
    for (var i = 1; i <= lines; i++)
    {
        writer.WriteLine($"line {i}");
    }
}

static void Write(Stream pipe, byte[] bytes)
{
    Array.Fill(bytes, (byte)'x');
    pipe.Write(bytes);
    pipe.Flush();
}
