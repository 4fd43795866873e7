# Points ELF files, #! lines and symbolic links below $out at the store.
# Run by build-deb.sh; needs no module that perl-base lacks.
use strict;
use warnings;

my $out   = $ENV{out};
my $name  = $ENV{debName};
my @deps  = split ' ', $ENV{depPaths};
my @roots = ($out, @deps);

my (@files, @links, @dirs);
sub walk {
    my ($dir) = @_;
    opendir my $h, $dir or die "$dir: $!";
    for (sort readdir $h) {
        next if $_ eq '.' || $_ eq '..';
        my $p = "$dir/$_";
        if    (-l $p) { push @links, $p }
        elsif (-d _)  { push @dirs,  $p; walk($p) }
        elsif (-f _)  { push @files, $p }
        else          { unlink $p or die "$p: $!" }    # no devices in a store
    }
}
walk($out);

# These two are finished here; what comes with them runs on them.
$ENV{perl} = $out if $name eq 'perl';
$ENV{shell} = $out if $name eq 'bash';

# Where a path of the Debian file system is now: in this package, or in one
# of those below it.
sub relocate {
    my ($path) = @_;
    $path =~ s{/+}{/}g;
    my @as = ($path);
    push @as, $path =~ s{^/usr/}{/}r;
    push @as, map { s{^/(?:sbin|games)/}{/bin/}r } @as;
    for my $root (@roots) {
        for (@as) { return "$root$_" if -e "$root$_" || -l "$root$_" }
    }
    return;
}

# ---- symbolic links --------------------------------------------------------

sub normal {    # an absolute path without . and ..
    my @r;
    for (split m{/}, shift) {
        next if $_ eq '' || $_ eq '.';
        if ($_ eq '..') { pop @r } else { push @r, $_ }
    }
    return '/' . join '/', @r;
}

for my $l (@links) {
    my $t = readlink $l;
    next if $t =~ m{^/nix/store/};
    # What is one directory here may have been two, so a relative link may
    # have counted its steps up from /usr/lib or from /lib.
    next if $t !~ m{^/} && -e $l;
    (my $dir = substr $l, length $out) =~ s{/[^/]*$}{};
    my @as = $t =~ m{^/} ? ($t) : (normal("$dir/$t"), normal("/usr$dir/$t"));
    my ($new) = grep { defined } map { relocate($_) } @as;
    next unless defined $new;
    next if $new eq $l;
    unlink $l and symlink $new, $l or die "$l: $!";
}

# ---- a package that is only a list of others -------------------------------

if (!grep { !m{^\Q$out\E/share/(?:doc|man|bug)/} } @files, @links) {
    for my $d (split ' ', $ENV{directDeps}) {
        next unless -d "$d/bin";
        system('perl', $ENV{join}, "$out/bin", "$d/bin") == 0 or die;
    }
    exit 0;
}

# ---- ELF -------------------------------------------------------------------

sub slurp_head {
    my ($f, $n) = @_;
    open my $h, '<:raw', $f or die "$f: $!";
    my $buf;
    read $h, $buf, $n;
    return $buf // '';
}

sub run {
    my $pid = open my $h, '-|';
    die "fork: $!" unless defined $pid;
    if (!$pid) { open STDERR, '>', '/dev/null'; exec @_ or exit 127 }
    local $/;
    my $o = <$h>;
    close $h;
    return $? == 0 ? ($o // '') : undef;
}

my %lib_dirs;    # directory of libraries -> its file names
sub lib_names {
    my ($d) = @_;
    return $lib_dirs{$d} //= do {
        my %n;
        if (opendir my $h, $d) { $n{$_} = 1 for readdir $h }
        \%n;
    };
}

my @search;
for my $r (@roots) {
    push @search, grep { -d } "$r/lib", glob("$r/lib/*-linux-gnu*"), "$r/lib64";
}

my $loader;
for my $r (@roots) {
    ($loader) = grep { -e } glob("$r/lib64/ld-linux*.so.*"), glob("$r/lib/ld-linux*.so.*");
    last if $loader;
}

my (%seen, @missing);
for my $f ($name eq 'libc6' ? () : @files) {
    my ($dev, $ino) = (lstat $f)[0, 1];
    next if $seen{"$dev:$ino"}++;
    next unless slurp_head($f, 4) eq "\x7fELF";
    my $needed = run('patchelf', '--print-needed', $f) // next;    # an object file
    my $interp = run('patchelf', '--print-interpreter', $f);
    my @needed = split ' ', $needed;
    next if !@needed && !defined $interp;

    # Directories of its own that a file already looked in …
    my @own;
    for (split /:/, run('patchelf', '--print-rpath', $f) // '') {
        chomp;
        next if $_ eq '';
        my $d = s/\$ORIGIN|\$\{ORIGIN\}/$f =~ s{[^\/]*$}{}r/er;
        $d = relocate($d) // $d;
        push @own, $d if -d $d && $d =~ m{^/nix/store/};
    }
    # … and for each library the directory that it is in.
    my %have;
    my @rpath = grep { !$have{$_}++ } @own;
    for my $so (@needed) {
        next if $so =~ /^ld-linux/;
        my ($d) = grep { lib_names($_)->{$so} } @own, @search;
        if (!defined $d) {
            # A plugin may be for something that is only suggested.
            my ($dir) = $f =~ m{^(.*)/};
            my $plugin = !defined $interp && !grep { $_ eq $dir } @search;
            if   ($plugin) { print STDERR "$name: no $so for the plugin $f\n" }
            else           { push @missing, "$f: $so" }
            next;
        }
        push @rpath, $d unless $have{$d}++;
    }
    my $mode = (stat $f)[2] & 07777;
    chmod $mode | 0200, $f;
    my @args;
    push @args, '--set-interpreter', $loader if defined $interp && defined $loader;
    push @args, @rpath ? ('--set-rpath', join ':', @rpath) : '--remove-rpath';
    system('patchelf', @args, $f) == 0 or die "patchelf failed on $f";
    chmod $mode, $f;
}
if (@missing) {
    print STDERR "not found in any package below $name: $_\n" for @missing;
    exit 1;
}

# ---- #! lines --------------------------------------------------------------

# Perl modules of this package and of those below it, other than perl's own.
my @inc = grep { -d } map { ("$_/share/perl5", glob("$_/lib/*/perl5/5.*")) } @roots;

for my $f (@files) {
    my $mode = (lstat $f)[2] & 07777;
    next unless $mode & 0111 && slurp_head($f, 2) eq '#!';
    open my $h, '<:raw', $f or die "$f: $!";
    local $/;
    my ($first, $rest) = <$h> =~ /\A([^\n]*\n?)(.*)\z/s;
    close $h;
    my ($env, $prog, $args) =
        $first =~ m{^#!\s*(/usr/bin/env\s+)?(?:/usr)?(?:/bin/)?([^\s/]+)([^\n]*)} or next;
    my $to;
    if    ($prog =~ /^(?:sh|dash|bash)$/ && $ENV{shell})  { $to = "$ENV{shell}/bin/" . ($prog eq 'bash' ? 'bash' : 'sh') }
    elsif ($prog eq 'perl'               && $ENV{perl})   { $to = "$ENV{perl}/bin/perl" }
    elsif ($prog =~ /^python3[.\d]*$/    && $ENV{python}) { $to = "$ENV{python}/bin/python3" }
    # Debian leaves out what only a side program needs; so it may be in an
    # image or not, and env finds it if it is.
    elsif ($prog =~ /^(perl|python3)/ && $f =~ m{^\Q$out\E/bin/}) { $to = '/usr/bin/env'; $args = " $1" }
    else                                                  { next }
    my $extra = '';
    $extra = "BEGIN { unshift \@INC, qw(@inc) }\n" if $prog eq 'perl' && @inc;
    unlink $f or die;
    open $h, '>:raw', $f or die "$f: $!";
    print $h "#!$to$args\n", $extra, $rest;
    close $h or die;
    chmod $mode, $f;
}
