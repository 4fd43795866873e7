using System.Diagnostics.CodeAnalysis;

namespace Nixery.Rootfs;

/// <summary>What one store object is made of: names, kinds and link targets, no contents. As in a NAR, there is nothing else.</summary>
internal abstract class StoreTree
{
    private StoreTree()
    {
    }

    public sealed class File(bool executable) : StoreTree
    {
        public bool Executable { get; } = executable;
    }

    /// <summary>A symbolic link; its target is kept as it is written.</summary>
    public sealed class Link(string target) : StoreTree
    {
        public string Target { get; } = target;
    }

    public sealed class Directory : StoreTree
    {
        private readonly string[] names;
        private readonly StoreTree[] nodes;

        /// <summary>Sorts the entries by name.</summary>
        /// <exception cref="ArgumentException">A name stands twice.</exception>
        public Directory(IEnumerable<KeyValuePair<string, StoreTree>> entries)
        {
            var sorted = entries.OrderBy(e => e.Key, StringComparer.Ordinal).ToArray();
            names = [.. sorted.Select(e => e.Key)];
            nodes = [.. sorted.Select(e => e.Value)];
            var twice = names.Zip(names.Skip(1)).FirstOrDefault(pair => pair.First == pair.Second).First;
            if (twice is not null)
            {
                throw new ArgumentException($"a directory cannot have '{twice}' twice", nameof(entries));
            }
        }

        /// <summary>In ordinal order of the names.</summary>
        public IEnumerable<KeyValuePair<string, StoreTree>> Entries => names.Zip(nodes, KeyValuePair.Create);

        public bool TryGet(string name, [NotNullWhen(true)] out StoreTree? node)
        {
            var at = Array.BinarySearch(names, name, StringComparer.Ordinal);
            node = at >= 0 ? nodes[at] : null;
            return node is not null;
        }
    }
}
