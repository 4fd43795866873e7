using System.Buffers.Binary;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

[Collection(BundledServer.Collection)]
public sealed class Arm64Tests(BundledServer bundled)
{
    /// <summary>Offsets and values of https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html</summary>
    private const int MachineOffset = 18;
    private const ushort Aarch64 = 183;
    private static readonly byte[] ElfMagic = [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    [Fact(Timeout = 300_000)]
    public async Task An_image_for_arm64_says_so_and_holds_nothing_else()
    {
        var image = await bundled.PullAsync("arm64/shell/git");
        var root = new MergedRoot(image);

        image.CheckDigests();
        image.Config.GetProperty("architecture").GetString().Should().Be("arm64");
        // git itself is a script here, which sets git's folders and goes on with the program.
        string[] programs = ["bin/bash", "bin/ls", "bin/git-shell"];
        programs.Select(p => MachineOf(root.Resolve(p)!)).Should().OnlyContain(m => m == Aarch64);
        root.Paths.Where(p => MachineOf(root.Find(p)!) is { } machine && machine != Aarch64).Should().BeEmpty("all programs and libraries are for aarch64");
    }

    /// <summary>Null for what is no ELF file.</summary>
    private static ushort? MachineOf(LayerEntry entry) =>
        entry.Head.AsSpan().StartsWith(ElfMagic) && entry.Head.Length >= MachineOffset + sizeof(ushort)
            ? BinaryPrimitives.ReadUInt16LittleEndian(entry.Head.AsSpan(MachineOffset))
            : null;
}
