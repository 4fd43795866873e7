using Nixery.Server.Configuring;

namespace Nixery.Server.Tests.Configuring;

public sealed class SmallFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-small-").FullName;

    private string Place => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_read_through_links_as_Kubernetes_makes_them()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "first"));
        File.WriteAllText(Path.Combine(_folder, "first", "file"), "what it says");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "data"), "first");
        File.CreateSymbolicLink(Place, Path.Combine("data", "file"));

        SmallFile.ReadText(Place).Should().Be("what it says");
    }

    [Fact]
    public void A_device_that_never_ends_is_an_empty_file()
    {
        File.CreateSymbolicLink(Place, "/dev/zero");

        SmallFile.ReadBytes(Place).Should().BeEmpty();
    }

    [Fact]
    public void What_is_too_large_is_not_read()
    {
        using (var file = File.Create(Place))
        {
            file.SetLength(1L << 30);
        }

        FluentActions.Invoking(() => SmallFile.ReadBytes(Place)).Should().Throw<IOException>().WithMessage("*1073741824 bytes*");
    }

    [Fact]
    public void What_is_not_there_is_no_empty_file() =>
        FluentActions.Invoking(() => SmallFile.ReadBytes(Place)).Should().Throw<FileNotFoundException>();
}
