# check-tree.pl SYSTEM PATH...: looks at the files of a closure. Prints what
# is wrong, a line each: programs of another machine, links to store paths
# that are not there, and scripts whose interpreter is not in the store.
use strict;
use warnings;

my ($system, @paths) = @ARGV;
my $machine = { 'x86_64-linux' => 62, 'aarch64-linux' => 183 }->{$system} or die "what is $system?\n";
my %member = map { $_ => 1 } @paths;
my ($elfs, $links, $bad) = (0, 0, 0);

sub wrong { print "@_\n"; $bad++ }

sub look_at {
    my ($p) = @_;
    if (-l $p) {
        my $t = readlink $p;
        if ($t =~ m{^(/nix/store/[^/]+)}) {
            $links++;
            $member{$1} or wrong("$p: its target $t is outside of the closure");
            -l $t || -e $t or wrong("$p: its target $t does not exist");
        }
    }
    elsif (-d _) {
        opendir my $h, $p or die "$p: $!";
        look_at("$p/$_") for sort grep { !/^\.\.?$/ } readdir $h;
    }
    elsif (-f _) {
        open my $h, '<:raw', $p or die "$p: $!";
        read $h, my $head, 20;
        $head //= '';
        # What is run by a path that a store has not cannot run.
        if ($head =~ /^#!/ && -x $p && $p =~ m{^/nix/store/[^/]+/bin/}) {
            seek $h, 0, 0;
            my $line = <$h>;
            chomp $line;
            wrong("$p: $line") unless $line =~ m{^#!\s*(?:/nix/store/|/usr/bin/env )};
        }
        return unless length $head == 20 && substr($head, 0, 4) eq "\x7fELF";
        $elfs++;
        my $is = unpack 'v', substr $head, 18, 2;
        # Machine 247 is eBPF, which all machines have.
        wrong("$p: ELF machine $is instead of $machine") if $is != $machine && $is != 247;
    }
}

look_at($_) for @paths;
print STDERR "$elfs ELF files, $links links into the store, in ", scalar @paths, " store paths\n";
exit($bad > 0);
