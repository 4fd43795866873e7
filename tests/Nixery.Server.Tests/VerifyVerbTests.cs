using Nixery.Doubles;
using Nixery.Server.Commands;

namespace Nixery.Server.Tests;

/// <summary>The verb, as it is called, on a storage that may be another one than was meant.</summary>
public sealed class VerifyVerbTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-verify-").FullName;
    private readonly string _packages = Directory.CreateTempSubdirectory("nixery-verify-packages-").FullName;
    private readonly Registry _registry = new();

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_packages, "default.nix"), "{ }");
        await _registry.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_packages, recursive: true);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_folder_that_is_not_there_holds_no_storage_and_is_not_made()
    {
        var mistyped = Path.Combine(_folder, "storgae");

        var (code, _, error) = await VerifyAsync($"Nixery:Storage:Path={mistyped}");

        code.Should().Be(2);
        error.Should().Contain("there is no storage").And.Contain(mistyped);
        Directory.Exists(mistyped).Should().BeFalse();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nor_does_a_folder_of_somebody_else_in_which_nothing_is_written()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "mine");

        var (code, _, error) = await VerifyAsync($"Nixery:Storage:Path={_folder}");

        code.Should().Be(2);
        error.Should().Contain("there is no storage");
        Directory.EnumerateFileSystemEntries(_folder).Should().ContainSingle();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("blobs")]
    [InlineData("records")]
    [InlineData("unfinished")]
    public async Task A_storage_that_is_empty_so_far_is_all_right(string begun)
    {
        Directory.CreateDirectory(Path.Combine(_folder, begun));

        var (code, output, _) = await VerifyAsync($"Nixery:Storage:Path={_folder}");

        code.Should().Be(0);
        output.Should().Contain("0 blobs of 0 bytes and 0 records: 0 not right");
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_storage_of_a_server_that_has_answered_nothing_is_all_right() =>
        (await VerifyAsync($"Nixery:Storage:Path={_registry.StorageFolder}")).Code.Should().Be(0);

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Below_a_prefix_that_was_mistyped_there_is_no_storage_either()
    {
        await using var server = await S3Double.StartAsync();
        string[] bucket =
        [
            "Nixery:Storage:Kind=s3", $"Nixery:Storage:Path={_folder}", $"Nixery:Storage:S3:Bucket={S3Double.Bucket}", $"Nixery:Storage:S3:Endpoint={server.Address}",
            $"Nixery:Storage:S3:Region={S3Double.Region}", $"Nixery:Storage:S3:AccessKey={S3Double.AccessKey}", $"Nixery:Storage:S3:SecretKey={S3Double.SecretKey}",
        ];
        using (var probe = new MemoryStream("{}"u8.ToArray()))
        {
            server.Shelf.Objects[$"right/records/probe/{new string('a', 64)}"] = await server.Shelf.ReceiveAsync(probe, CancellationToken.None);
        }

        (await VerifyAsync([.. bucket, "Nixery:Storage:S3:Prefix=right/"])).Code.Should().Be(0);
        var (code, _, error) = await VerifyAsync([.. bucket, "Nixery:Storage:S3:Prefix=wrong/"]);

        code.Should().Be(2);
        error.Should().Contain("there is no storage");
    }

    private async Task<(int Code, string Output, string Error)> VerifyAsync(params string[] settings)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await VerifyCommand.Create()
            .Parse([.. settings.Append($"Nixery:Source:Path={_packages}").SelectMany(s => new[] { "--set", s })])
            .InvokeAsync(new() { Output = output, Error = error }, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
