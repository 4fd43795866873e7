using System.Diagnostics;

namespace Nixery.Tests.Building;

internal static class Processes
{
    /// <summary>Waits for the end of a process that is no child of ours; the kernel may take a moment to bury it.</summary>
    public static async Task GoneAsync(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
    }
}
