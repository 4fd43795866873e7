using System.IO.Compression;
using System.Text;
using Nixery.Tables;
using Nixery.Tests.Sources;

namespace Nixery.Tests.Tables;

public sealed class TableReaderTests : IDisposable
{
    private const string Popularity = """{"glibc-2.38":500,"zlib-1.2":100}""";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task It_reads_files_and_addresses_plain_and_gzip()
    {
        await using var host = new ChannelHost { Answer = _ => ChannelHost.Says("200 OK", Latin1(Gzip(Popularity))) };
        var file = _folder.File("plain.json", Popularity);

        var fromFile = await ReadAsync(file);
        var fromAddress = await ReadAsync(host.Address.AbsoluteUri);

        fromFile.Should().BeOfType<TableReading.Read>().Which.Table.Count.Should().Be(2);
        fromAddress.Should().BeOfType<TableReading.Read>().Which.Table.Id.Should().Be(((TableReading.Read)fromFile).Table.Id);
    }

    [Fact(Timeout = 30_000)]
    public async Task What_cannot_be_read_is_said_in_a_sentence_without_secrets()
    {
        await using var host = new ChannelHost { Answer = _ => ChannelHost.Says("500 Oh", "no") };
        var address = new UriBuilder(host.Address) { UserName = "user", Password = "secret", Path = "table", Query = "token=secret" }.Uri.AbsoluteUri;

        Explanation(await ReadAsync(address)).Should().Contain("HTTP 500").And.Contain("/table").And.NotContain("secret");
        await host.DisposeAsync();
        Explanation(await ReadAsync(address)).Should().Contain("no connection").And.NotContain("secret");
        Explanation(await ReadAsync(Path.Combine(_folder.Path, "none"))).Should().Contain("there is no such file");
        Explanation(await ReadAsync(_folder.File("page.html", "<html>"))).Should().Contain("it is no table");
    }

    [Fact(Timeout = 30_000)]
    public async Task Who_does_not_answer_is_not_waited_for()
    {
        await using var host = new ChannelHost { Answer = _ => null };

        var reading = ReadAsync(host.Address.AbsoluteUri);
        await host.Silent.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(21));

        Explanation(await reading).Should().Contain("no answer within 20 s");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_small_file_that_unpacks_to_a_huge_one_is_refused()
    {
        var path = Path.Combine(_folder.Path, "bomb.gz");
        await using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 65; i++)
            {
                await gzip.WriteAsync(zeros);
            }
        }

        Explanation(await ReadAsync(path)).Should().Contain("larger than 67108864 bytes");
    }

    private Task<TableReading> ReadAsync(string place) => new TableReader(_http, _time).ReadAsync(place, CancellationToken.None);

    private static string Explanation(TableReading reading) => reading.Should().BeOfType<TableReading.Failed>().Which.Explanation;

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
