package Cycles;
# Nix knows no packages that depend on each other; Debian has some. Where they
# do, only what the one needs to load from the other counts.
use strict;
use warnings;

sub components {    # strongly connected ones of more than one member (Tarjan)
    my ($edge, @nodes) = @_;
    my (%index, %low, %on, @stack, @found);
    my $i = 0;
    my $visit;
    $visit = sub {
        my ($n) = @_;
        $index{$n} = $low{$n} = $i++;
        push @stack, $n;
        $on{$n} = 1;
        for my $m (sort keys %{ $edge->{$n} }) {
            if (!defined $index{$m}) {
                $visit->($m);
                $low{$n} = $low{$m} if $low{$m} < $low{$n};
            }
            elsif ($on{$m}) { $low{$n} = $index{$m} if $index{$m} < $low{$n} }
        }
        if ($low{$n} == $index{$n}) {
            my @c;
            do { push @c, my $m = pop @stack; delete $on{$m} } until $c[-1] eq $n;
            push @found, \@c if @c > 1;
        }
    };
    for (sort @nodes) { $visit->($_) unless defined $index{$_} }
    return @found;
}

sub libraries {    # [those that a .deb has, those that its files need]
    my ($deb, $dir) = @_;
    mkdir $dir or die "$dir: $!";
    system('dpkg-deb', '-x', $deb, $dir) == 0 or die "$deb: cannot be unpacked\n";
    my (%has, %needs);
    for (split /\0/, qx(find \Q$dir\E -type f -print0)) {
        $has{$1} = 1 if m{/([^/]+\.so[^/]*)$};
        open my $h, '<:raw', $_ or die "$_: $!";
        my $magic;
        read $h, $magic, 4;
        next unless ($magic // '') eq "\x7fELF";
        $needs{$_} = 1 for split ' ', qx(patchelf --print-needed \Q$_\E 2>/dev/null);
    }
    for (split /\0/, qx(find \Q$dir\E -type l -name '*.so*' -print0)) { $has{$1} = 1 if m{/([^/]+)$} }
    return [\%has, \%needs];
}

sub cut {    # cut(EDGES, TMP, NAME => DEB, ...)
    my ($edge, $tmp, %deb) = @_;
    for my $c (components($edge, keys %deb)) {
        my %elf = map { $_ => libraries($deb{$_}, "$tmp/x-$_") } @$c;
        for my $from (sort @$c) {
            for my $to (grep { $elf{$_} } sort keys %{ $edge->{$from} }) {
                next if grep { $elf{$to}[0]{$_} && !$elf{$from}[0]{$_} } keys %{ $elf{$from}[1] };
                delete $edge->{$from}{$to};
            }
        }
    }
    for my $c (components($edge, keys %deb)) { die "these need each other: @{[sort @$c]}\n" }
}

1;
