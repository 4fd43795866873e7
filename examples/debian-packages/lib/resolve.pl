# resolve.pl LIST SYSTEM DEBS TMP TABLE: reads the packages of LIST, finds
# what they depend on, downloads it all to DEBS, and writes TABLE, which is
# what the Nix expressions read.
use strict;
use warnings;
BEGIN { our ($here) = $0 =~ m{^(.*)/} ? $1 : '.' }
use lib our $here;
use Apt;
use Cycles;

my ($list, $system, $debs, $tmp, $table) = @ARGV;
my $pkg = \%Apt::pkg;

# Dependencies that nothing here uses: those of maintainer scripts, which are
# not run; PostgreSQL's compiler and its ways of Debian; other people's manuals.
my $skip = qr/^(?:adduser|base-files|debianutils|cdebconf|debconf|debconf-2\.0|dpkg|init-system-helpers|install-info
  |lsb-base|sysvinit-utils|ucf|update-inetd|passwd|git-man|nodejs-doc|sensible-utils|login
  |postgresql-common|postgresql-client-common|ssl-cert|locales|tzdata-legacy|libllvm[\d.]+)$/x;

# What programs open without depending on it, since Debian always has it.
my %also = (tmux => ['libc-bin']);

# What the expressions themselves are made from.
my @base = qw(bash libc6 ncurses-base);

# ---- which packages are asked for ------------------------------------------

my (@attributes, %wanted);
open my $l, '<', $list or die "$list: $!";
while (<$l>) {
    next if /^\s*#/;
    my ($attr, $names, $main, $license) = split ' ', $_, 4 or next;
    $license =~ s/\s+$//;
    push @attributes, { attr => $attr, debs => [split /,/, $names], main => $main, license => $license };
}
close $l;
Apt::load(@base, map { grep { !/#/ } @{ $_->{debs} } } @attributes);
# Without these apt has nothing for this architecture, so one line is enough.
$pkg->{$_} or die "apt has no package $_ for $system\n" for @base;
for my $a (@attributes) {
    my @debs = map { Apt::newest($_) } @{ $a->{debs} };
    # Releases move programs between packages; the first has to be there.
    $a->{debs} = [grep { $pkg->{$_} } @debs];
    if (!@{ $a->{debs} } || $a->{debs}[0] ne $debs[0]) {
        warn "  warning: $a->{attr} is left out: apt has no package $debs[0] for $system\n";
        $a->{debs} = [];
    }
}
@attributes = grep { @{ $_->{debs} } } @attributes;

# ---- and what those depend on ----------------------------------------------

my (%chosen, %edge);
my @queue = do { my %seen; grep { !$seen{$_}++ } @base, map { @{ $_->{debs} } } @attributes };
$chosen{$_} = 1 for @queue;
while (@queue) {
    my @next;
    my %seen;
    for my $n (@queue) { $seen{$_} = 1 for @{ $also{$n} // [] }, map { @$_ } Apt::clauses($pkg->{$n}) }
    Apt::load(sort keys %seen);
    for my $n (@queue) {
        for my $alts (Apt::clauses($pkg->{$n}), map { [$_] } @{ $also{$n} // [] }) {
            next if grep { $_ =~ $skip } @$alts;
            my @real = grep { $pkg->{$_} } @$alts;
            if (!@real) {
                @real = map { Apt::providers($_) } @$alts;
                Apt::load(@real);
                @real = grep { $pkg->{$_} } @real;
            }
            my ($take) = ((grep { $chosen{$_} } @real), @real);
            if (!$take) { warn "  warning: $n: apt has none of @$alts\n"; next }
            $edge{$n}{$take} = 1 if $take ne $n;
            next if $chosen{$take}++;
            push @next, $take;
        }
    }
    @queue = @next;
}

my @names = sort keys %chosen;
Apt::download($debs, $tmp, @names);
my %deb = map { $_ => "$debs/" . Apt::file_of($pkg->{$_}) } @names;
Cycles::cut(\%edge, $tmp, %deb);

# ---- the table -------------------------------------------------------------

sub str { my ($s) = @_; $s =~ s/(["\\]|\$\{)/\\$1/g; return "\"$s\"" }
sub strs { return '[ ' . join('', map { str($_) . ' ' } @_) . ']' }

sub made {    # when a .deb was made: the time of its first member, in bytes 24 to 35
    my ($file) = @_;
    open my $h, '<:raw', $file or die "$file: $!";
    read $h, my $head, 36;
    return substr($head, 24, 12) =~ /^(\d+)/ ? $1 : die "$file is no .deb\n";
}

# Commands that build-deb.sh gives a .deb besides its files: the lines `link … bin/NAME` of its case.
my %linked;
{
    open my $script, '<', "$main::here/../set/build-deb.sh" or die "build-deb.sh: $!";
    my $of = '';
    while (<$script>) {
        $of = $1 if /^  ([a-z0-9.+-]+)\)/;
        push @{ $linked{$of} }, $1 while /\blink \S+ bin\/([^\s;]+)/g;
    }
}

sub programs {    # the names in bin of an attribute's package
    my ($a) = @_;
    my %bin = map { $_ => 1 } map { @{ $linked{$_} // [] } } @{ $a->{debs} };
    for my $f (map { split /\n/, qx(dpkg-deb --fsys-tarfile \Q$deb{$_}\E | tar -t) } @{ $a->{debs} }) {
        $bin{$1} = 1 if $f =~ m{^\./(?:usr/)?(?:(?:s?bin|games)|lib/postgresql/\d+/bin)/([^/]+)$};
    }
    return \%bin;
}

sub main_program {
    my ($a, $bin) = @_;
    return $a->{main} eq 'none' ? undef : $a->{main} if $a->{main} ne '-';
    (my $name = $a->{attr}) =~ s/.*\.//;
    my ($only) = keys %$bin;
    return $bin->{$name} ? $name : keys %$bin == 1 ? $only : undef;
}

open my $h, '>', $table or die "$table: $!";
my ($bytes, $newest) = (0, 0);
my %commands;
print $h "# Written by `make` from packages.txt and apt's lists.\n{\n  attributes = {\n";
for my $a (@attributes) {
    my $bin = programs($a);
    my $main = main_program($a, $bin);
    push @{ $commands{$_} }, $a->{attr} for keys %$bin;
    print $h '    ', str($a->{attr}), ' = { debs = ', strs(@{ $a->{debs} }), ';',
      (defined $main ? ' mainProgram = ' . str($main) . ';' : ''),
      ($a->{license} ne '-' ? ' license = ' . str($a->{license}) . ';' : ''), " };\n";
}
print $h "  };\n  packages = {\n";
for my $n (@names) {
    my $p = $pkg->{$n};
    my ($short) = ($p->{'description-en'} // $p->{description} // '') =~ /^(.*)/;
    my $made = made($deb{$n});
    $newest = $made if $made > $newest;
    $bytes += $p->{size};
    print $h '    ', str($n), " = {\n", '      version = ', str(Apt::version($p)), ";\n",
      '      description = ', str($short), ";\n",
      ($p->{homepage} ? '      homepage = ' . str($p->{homepage}) . ";\n" : ''),
      '      file = ', str(Apt::file_of($p)), ";\n", '      sha256 = ', str($p->{sha256}), ";\n",
      '      deps = ', strs(sort keys %{ $edge{$n} }), ";\n    };\n";
}
print $h "  };\n  commands = {\n";
print $h '    ', str($_), ' = ', strs(sort @{ $commands{$_} }), ";\n" for sort keys %commands;
print $h "  };\n  # When the newest of the .deb files was made.\n  lastModified = $newest;\n}\n";
close $h or die "$table: $!";
printf STDERR "  %s: %d packages out of %d .deb files, %.1f MB\n",
  $system, scalar @attributes, scalar @names, $bytes / 1e6;
