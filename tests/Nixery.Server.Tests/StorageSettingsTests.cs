using Microsoft.Extensions.Options;
using Nixery.Server.Configuring;
using static Nixery.Server.Tests.SettingsTests;

namespace Nixery.Server.Tests;

/// <summary>Where images are kept, and for how long.</summary>
public sealed class StorageSettingsTests
{
    [Fact]
    public void A_bucket_is_chosen_by_Nixerys_variables()
    {
        Dictionary<string, string> environment = new()
        {
            ["NIXERY_STORAGE_BACKEND"] = "gcs",
            ["GCS_BUCKET"] = "images",
            ["S3_BUCKET"] = "others",
            ["AWS_REGION"] = "eu-west-1",
        };

        var settings = Read(HistoricSettings.Read(environment.GetValueOrDefault));

        settings.Storage.Kind.Should().Be(StorageKind.Gcs);
        settings.Storage.Gcs.Bucket.Should().Be("images");
        settings.Storage.S3.Bucket.Should().Be("others");
        settings.Storage.S3.Region.Should().Be("eu-west-1");
    }

    [Fact]
    public void All_that_is_wrong_with_a_bucket_is_said_at_once_and_no_secret()
    {
        var read = () => Read(
        [
            new("Nixery:Storage:Kind", "s3"),
            new("Nixery:Storage:Redirect", "on"),
            new("Nixery:Storage:PublicEndpoint", "https://images.example.com/path"),
            new("Nixery:Storage:UrlLifetime", "30.00:00:00"),
            new("Nixery:Storage:Patience", "-1"),
            new("Nixery:Storage:RequestTimeout", "0"),
            new("Nixery:Storage:S3:Endpoint", "ftp://example.com"),
            new("Nixery:Storage:S3:SecretKey", "very secret"),
            new("Nixery:Storage:S3:CaFile", "/no/such/file"),
            new("Nixery:Storage:S3:Encryption", "rot13"),
            new("Nixery:Storage:S3:Prefix", "/a"),
        ]);

        var problems = string.Join('\n', read.Should().Throw<OptionsValidationException>().Which.Failures);
        problems.Should().ContainAll(
            "S3:Bucket", "PublicEndpoint", "UrlLifetime", "Patience", "RequestTimeout", "S3:Endpoint", "S3:AccessKey", "S3:CaFile", "rot13", "S3:Prefix");
        problems.Should().NotContain("very secret");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_file_of_authorities_in_which_there_are_none_is_refused_at_the_start(string content)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        var read = () => Read([new("Nixery:Storage:Kind", "s3"), new("Nixery:Storage:S3:Bucket", "images"), new("Nixery:Storage:S3:CaFile", path)]);

        read.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain("S3:CaFile").And.Contain(path);
        File.Delete(path);
    }

    [Fact]
    public void Keys_that_a_script_left_empty_are_refused_at_the_start() =>
        FluentActions.Invoking(() => Read([
                new("Nixery:Storage:Kind", "s3"), new("Nixery:Storage:S3:Bucket", "images"), new("Nixery:Storage:S3:AccessKey", ""), new("Nixery:Storage:S3:SecretKey", "")]))
            .Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain("S3:AccessKey");

    [Fact]
    public void All_that_is_wrong_with_limits_is_said_at_once()
    {
        var read = () => Read(
        [
            new("Nixery:Storage:MaxBytes", "500"),
            new("Nixery:Storage:MaxAge", "01:00:00"),
            new("Nixery:Storage:Grace", "2.00:00:00"),
            new("Nixery:Storage:Keep:0", "shell/git"),
            new("Nixery:Storage:Keep:1", "Shell"),
        ]);

        var problems = read.Should().Throw<OptionsValidationException>().Which.Failures.ToList();
        problems.Should().HaveCount(4);
        string.Join('\n', problems).Should().ContainAll("Storage:MaxBytes", "Storage:MaxAge", "Storage:Grace", "'Shell'");
        Read([new("Nixery:Storage:MaxBytes", "5000000000"), new("Nixery:Storage:MaxAge", "30.00:00:00")]).Storage.ForKeeping()
            .Should().BeEquivalentTo(new { MaxBytes = 5_000_000_000, MaxAge = TimeSpan.FromDays(30), HasLimits = true });
    }

    [Fact]
    public void A_folder_has_nowhere_to_send_clients_to() =>
        FluentActions.Invoking(() => Read([new("Nixery:Storage:Redirect", "on")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("Storage:Redirect");

    [Fact]
    public void Memory_has_a_limit_without_a_word_and_nowhere_to_send_clients_to()
    {
        KeyValuePair<string, string?> memory = new("Nixery:Storage:Kind", "memory");

        Read([memory]).Storage.ForKeeping().MaxBytes.Should().Be(1L << 30);
        Read([memory, new("Nixery:Storage:MaxBytes", "0")]).Storage.ForKeeping().MaxBytes.Should().Be(0);
        Read([]).Storage.ForKeeping().MaxBytes.Should().Be(0);
        FluentActions.Invoking(() => Read([memory, new("Nixery:Storage:Redirect", "on")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("a memory has nowhere");
        FluentActions.Invoking(() => Read([memory, new("Nixery:Storage:MaxBytes", "much")])).Should().Throw<OptionsValidationException>()
            .Which.Message.Should().Contain("Nixery:Storage:MaxBytes is 'much'; it is a whole number");
    }
}
