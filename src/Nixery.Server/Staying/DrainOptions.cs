namespace Nixery.Server.Staying;

/// <summary>How the server ends when it is told to.</summary>
internal sealed record DrainOptions
{
    /// <summary>How long it goes on as before, but for saying that it is not ready, so that whoever sends it clients sends them elsewhere.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long pulls that wait for their image may go on waiting; then their builds end, and they are told to ask again.</summary>
    public TimeSpan WaitFor { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>All of it, and some time for downloads to end by themselves.</summary>
    public TimeSpan Longest() => Delay + WaitFor + TimeSpan.FromSeconds(10);
}
