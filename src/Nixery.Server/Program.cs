using System.CommandLine;
using System.CommandLine.Help;
using Nixery.Server.Commands;

var root = ServeCommand.On(new Command(
    "nixery",
    """
    A container registry that builds images from their names.

    The name of an image is the list of its packages: `docker pull localhost:8080/shell/git/htop` answers with an image
    that Nix has just put together. Without a verb it serves.
    """));
// A RootCommand would be called by its assembly.
root.Add(new HelpOption());
root.Add(new VersionOption());
root.Add(ServeCommand.Create());
root.Add(ConfigCommand.Create());
root.Add(IndexCommand.Create());
root.Add(VerifyCommand.Create());
root.Add(GcCommand.Create());
root.Add(PlanCommand.Create());
root.Add(PopularityCommand.Create());
return await root.Parse(args).InvokeAsync(new InvocationConfiguration
{
    // The server ends by itself, after the answers that it has begun.
    ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
});
