using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Nixery.Building.Nix;

/// <summary>
/// Drains both output pipes of a process at once from the moment it is made: a program that waits for a full pipe that
/// nobody reads would never end.
/// </summary>
internal sealed class ProcessPipes : IDisposable
{
    /// <summary>How long a grandchild may hold the pipes open after the program has ended.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _closed = new();
    private readonly ErrorTail _tail = new();
    private readonly Task _errors;

    public ProcessPipes(Process process, Action<string> onErrorLine)
    {
        Output = ReadOutputAsync(process.StandardOutput.BaseStream, _closed.Token);
        _errors = ReadErrorsAsync(process.StandardError, onErrorLine, _closed.Token);
    }

    /// <summary>All of standard output; fails with <see cref="InvalidDataException"/> as soon as it is too much.</summary>
    public Task<string> Output { get; }

    /// <summary>The end of standard error, when this is closed.</summary>
    public string ErrorTail => _tail.ToString();

    /// <summary>Ends the reading; false when others than the ended program still held the pipes.</summary>
    public async Task<bool> CloseAsync()
    {
        _closed.CancelAfter(Grace);
        await Task.WhenAll(Output, _errors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_closed.IsCancellationRequested;
    }

    public void Dispose() => _closed.Dispose();

    private static async Task<string> ReadOutputAsync(Stream pipe, CancellationToken closed)
    {
        using var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (var read = 1; read > 0 && bytes.Length <= NixProcess.MaxOutputBytes;)
            {
                read = await pipe.ReadAsync(buffer, closed);
                bytes.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // A grandchild holds the pipe; what the program itself wrote is here.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return bytes.Length <= NixProcess.MaxOutputBytes
            ? Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length)
            : throw new InvalidDataException($"a program wrote more than {NixProcess.MaxOutputBytes} bytes of output");
    }

    private async Task ReadErrorsAsync(StreamReader pipe, Action<string> onLine, CancellationToken closed)
    {
        var buffer = new char[8 * 1024];
        try
        {
            for (var read = 1; read > 0;)
            {
                read = await pipe.ReadAsync(buffer, closed);
                foreach (var line in _tail.Add(buffer.AsSpan(0, read)))
                {
                    onLine(line);
                }
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // As for the output.
        }
    }
}
