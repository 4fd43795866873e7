package Apt;
# What apt knows: stanzas, providers, dependency clauses, and the files.
# Which lists it reads is set from outside, by APT_CONFIG.
use strict;
use warnings;

our %pkg;       # name -> fields of the candidate's stanza
my %absent;

sub load {    # reads the stanzas of these packages, many by one call
    my @new = grep { !$pkg{$_} && !$absent{$_} } @_ or return;
    open my $h, '-|', 'apt-cache', '-q', 'show', '--no-all-versions', '--', @new or die;
    local $/ = "\n\n";
    while (<$h>) {
        my %f;
        while (/^([A-Za-z0-9-]+):[ \t]*(.*(?:\n[ \t].*)*)/mg) { $f{ lc $1 } = $2 }
        $pkg{ $f{package} } //= \%f if $f{package} && $f{filename};
    }
    close $h;    # fails where a name is virtual
    $absent{$_} = 1 for grep { !$pkg{$_} } @new;
}

sub providers {    # names of the packages that provide a virtual one
    my ($virtual) = @_;
    my @p;
    my $on = 0;
    for (qx(apt-cache showpkg -- \Q$virtual\E 2>/dev/null)) {
        if (/^Reverse Provides/) { $on = 1; next }
        push @p, $1 if $on && /^([^\s:]+)/;
    }
    return @p;
}

sub clauses {    # ([a, b], [c]) for "a | b, c"
    my ($p) = @_;
    my $all = join ', ', grep { defined && length } @$p{qw(pre-depends depends)};
    return map {
        [map { /^\s*([^\s:(\[]+)/ ? $1 : () } split /\|/]
    } split /,/, $all;
}

sub newest {    # postgresql-# -> postgresql-15: the highest number there is
    my ($pattern) = @_;
    return $pattern unless $pattern =~ /^([^#]*)#(.*)$/;
    my ($head, $tail) = ($1, $2);
    my %number;
    for (qx(apt-cache pkgnames -- \Q$head\E)) { $number{$1} = 1 if /^\Q$head\E(\d+)\Q$tail\E$/ }
    my @names = map { "$head$_$tail" } sort { $b <=> $a } keys %number;
    load(@names);
    my ($found) = grep { $pkg{$_} } @names;
    return $found // $pattern;
}

sub version { my ($p) = @_; return $p->{version} =~ s/^\d+://r }

sub file_of {    # a name that a file:// address can hold as it is
    my ($p) = @_;
    return "$p->{package}_" . version($p) . "_$p->{architecture}.deb";
}

sub sha256 { (split ' ', qx(sha256sum \Q$_[0]\E))[0] }

# Downloads what $debs does not have with the right hash; dies if it cannot.
# A file comes to its name by rename, so that a half of one is never there.
sub download {
    my ($debs, $tmp, @names) = @_;
    my @missing;
    my $bytes = 0;
    for my $n (@names) {
        my $f = "$debs/" . file_of($pkg{$n});
        next if -e $f && sha256($f) eq $pkg{$n}{sha256};
        push @missing, $n;
        $bytes += $pkg{$n}{size};
    }
    return unless @missing;
    printf STDERR "  downloading %d packages, %.1f MB ...\n", scalar @missing, $bytes / 1e6;
    mkdir "$tmp/dl";
    # apt leaves what it has whole, so a second try asks for the rest only.
    system('sh', '-c', 'cd "$0" && exec apt-get -qq download -- "$@" >&2',
        "$tmp/dl", map { "$_=$pkg{$_}{version}" } @missing) == 0
      or die "the download failed\n";
    for my $from (glob "$tmp/dl/*.deb") {
        my ($n) = $from =~ m{/([^/_]+)_[^/]*$};
        my $to = "$debs/" . file_of($pkg{$n});
        sha256($from) eq $pkg{$n}{sha256} or die "$from: wrong hash\n";
        system('cp', '--', $from, "$to.new.$$") == 0 && rename "$to.new.$$", $to or die "$to: $!\n";
        unlink $from;
    }
}

1;
