using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Nixery.Packing;

namespace Nixery.Tests.Packing;

public sealed class StorePathTarTests : IDisposable
{
    private const string Prefix = "nix/store/0123456789abcdfghijklmnpqrsvwxyz-tool-1.0";

    private static readonly string LongName = new('n', 255);
    private static readonly string LongTarget = "/" + string.Join('/', Enumerable.Repeat(new string('t', 59), 50)); // 3,000 bytes

    private readonly TemporaryStore store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task GNU_tar_unpacks_what_was_in_the_store()
    {
        Fill();
        var archive = Path.Combine(store.Folder, "layer.tar");
        await File.WriteAllBytesAsync(archive, store.TarBytes());
        var unpacked = Directory.CreateDirectory(Path.Combine(store.Folder, "unpacked")).FullName;

        await Tool.RunAsync("tar", "-x", "-p", "-f", archive, "-C", unpacked);
        const string Find = "cd \"$1\" && find . -mindepth 1 -printf '%P %y %l ' -exec sh -c 'test -f \"$1\" -a ! -L \"$1\" && sha256sum < \"$1\" || echo' _ {} \\; | sort";
        var before = await Tool.RunAsync("sh", "-c", Find, "_", Path.Combine(store.Folder, TemporaryStore.Tool.BaseName));
        var after = await Tool.RunAsync("sh", "-c", Find, "_", Path.Combine(unpacked, Prefix));
        await Tool.RunAsync("chmod", "-R", "u+w", unpacked);

        after.Should().Be(before).And.Contain(LongName).And.Contain(LongTarget).And.Contain("naïve 名前 🎉");
    }

    [Fact]
    public async Task GNU_tar_lists_owner_mode_and_time_of_the_store()
    {
        store.File("bin/tool", "#!", executable: true);
        store.File("share/note", "text");
        store.Link("sbin", "bin");
        Directory.CreateDirectory(store.At("var/empty"));
        var archive = Path.Combine(store.Folder, "layer.tar");
        await File.WriteAllBytesAsync(archive, store.TarBytes());

        var lines = (await Tool.RunAsync("tar", "--full-time", "-tvf", archive)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Should().Equal(
            "drwxr-xr-x 0/0 0 1970-01-01 00:00:01 nix/",
            "drwxr-xr-x 0/0 0 1970-01-01 00:00:01 nix/store/",
            $"dr-xr-xr-x 0/0 0 1970-01-01 00:00:01 {Prefix}/",
            $"dr-xr-xr-x 0/0 0 1970-01-01 00:00:01 {Prefix}/bin/",
            $"-r-xr-xr-x 0/0 2 1970-01-01 00:00:01 {Prefix}/bin/tool",
            $"lrwxrwxrwx 0/0 0 1970-01-01 00:00:01 {Prefix}/sbin -> bin",
            $"dr-xr-xr-x 0/0 0 1970-01-01 00:00:01 {Prefix}/share/",
            $"-r--r--r-- 0/0 4 1970-01-01 00:00:01 {Prefix}/share/note",
            $"dr-xr-xr-x 0/0 0 1970-01-01 00:00:01 {Prefix}/var/",
            $"dr-xr-xr-x 0/0 0 1970-01-01 00:00:01 {Prefix}/var/empty/");
    }

    [Fact]
    public void SharpZipLib_and_the_BCL_read_the_same_entries_in_ordinal_order()
    {
        FillWithoutLongTargets(); // SharpZipLib 1.4.1 does not know the record of a link target over 100 bytes
        var bytes = store.TarBytes();

        var bcl = new List<(string, string, long)>();
        using (var reader = new TarReader(new MemoryStream(bytes)))
        {
            while (reader.GetNextEntry() is { } entry)
            {
                bcl.Add((entry.Name, entry.LinkName, entry.Length));
            }
        }

        var sharp = new List<(string, string, long)>();
        using (var reader = new ICSharpCode.SharpZipLib.Tar.TarInputStream(new MemoryStream(bytes), Encoding.UTF8))
        {
            while (reader.GetNextEntry() is { } entry)
            {
                sharp.Add((entry.Name, entry.TarHeader.LinkName, entry.Size));
            }
        }

        sharp.Should().Equal(bcl);
        bcl.Should().Contain(e => e.Item1.EndsWith(LongName, StringComparison.Ordinal));
        bcl.Select(e => e.Item1).Should().Equal(bcl.Select(e => e.Item1).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Order_of_creation_times_and_hard_links_leave_no_trace()
    {
        using var other = new TemporaryStore();
        store.File("a/one", "same");
        store.File("a/two", "same");
        store.File("a-b", "x");
        other.File("a-b", "x");
        other.File("a/two", "same");
        await Tool.RunAsync("ln", other.At("a/two"), other.At("a/one"));
        File.SetLastWriteTimeUtc(other.At("a/two"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        other.TarBytes().Should().Equal(store.TarBytes());
    }

    [Fact]
    public void A_fixed_tree_has_its_diffID_on_every_runtime()
    {
        Fill();

        TestFiles.ShouldBeGolden(Convert.ToHexStringLower(SHA256.HashData(store.TarBytes())) + "\n", "store-path-tar.diffid.txt");
    }

    [Fact]
    public void Headers_hold_no_user_names_and_no_times_of_access()
    {
        store.File("x", "y");

        var header = store.TarBytes().AsSpan(3 * 512, 512);

        header[..Prefix.Length].ToArray().Should().Equal(Encoding.ASCII.GetBytes(Prefix));
        header[257..265].ToArray().Should().Equal("ustar  \0"u8.ToArray());
        header[265..].ToArray().Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void Store_paths_that_are_files_or_links_are_packed_in_order_once()
    {
        var file = Nixery.Closures.StorePath.Parse("/nix/store/1123456789abcdfghijklmnpqrsvwxyz-script");
        var link = Nixery.Closures.StorePath.Parse("/nix/store/2123456789abcdfghijklmnpqrsvwxyz-link");
        File.WriteAllText(Path.Combine(store.Folder, file.BaseName), "text");
        File.CreateSymbolicLink(Path.Combine(store.Folder, link.BaseName), file.Text);

        using var reader = new TarReader(new MemoryStream(store.TarBytes(link, file, link)));
        var entries = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            entries.Add($"{entry.EntryType} {entry.Name}");
        }

        entries.Skip(2).Should().Equal($"RegularFile {file.Text[1..]}", $"SymbolicLink {link.Text[1..]}");
    }

    [Fact]
    public void A_missing_store_path_is_an_error() => store.Invoking(s => s.TarBytes()).Should().Throw<FileNotFoundException>().WithMessage("*tool-1.0*");

    [Fact]
    public async Task A_pipe_is_an_error()
    {
        store.File("x");
        await Tool.RunAsync("mkfifo", store.At("pipe"));

        store.Invoking(s => s.TarBytes()).Should().Throw<UnpackableException>().WithMessage("*pipe*");
    }

    [Theory]
    [InlineData("touch \"$1/$(printf 'bad\\377')\"")]
    [InlineData("ln -s \"$(printf 'bad\\377')\" \"$1/link\"")]
    public async Task Text_that_is_not_UTF8_is_an_error(string script)
    {
        store.File("x");
        await Tool.RunAsync("sh", "-c", script, "_", store.At(""));

        store.Invoking(s => s.TarBytes()).Should().Throw<UnpackableException>().WithMessage("*not valid UTF-8*tool-1.0*");
        await store.RemoveAsync();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public void A_file_that_changes_its_length_while_read_is_an_error(int newLength)
    {
        store.File("x", new string('x', 500_000));
        using var stream = new StoreFileStream(store.At("x"), CancellationToken.None);
        using (var handle = File.OpenHandle(store.At("x"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.SetLength(handle, newLength);
        }

        stream.Invoking(s => s.CopyTo(Stream.Null)).Should().Throw<IOException>().WithMessage("*changed its length*");
    }

    private void Fill()
    {
        FillWithoutLongTargets();
        store.Link("dangling", LongTarget);
        store.Link($"l{LongName[..254]}", LongTarget);
    }

    private void FillWithoutLongTargets()
    {
        store.File("bin/tool", "#!/bin/sh\n", executable: true);
        store.File("a/b", "b");
        store.File("a-b", "before a/b");
        store.File(".hidden/x");
        store.File("naïve 名前 🎉", "not ASCII");
        store.File("trailing space and\nnew line\\ ", "odd");
        store.File(LongName, "255");
        store.File(string.Join('/', Enumerable.Repeat(new string('d', 60), 12)) + "/deep", "far over 256", executable: true);
        store.File(new string('é', 40), "over the edge of 100 bytes");
        store.File("big", new string('b', 600_000));
        store.Link("sbin", "bin");
        Directory.CreateDirectory(store.At("empty/inside"));
    }
}
