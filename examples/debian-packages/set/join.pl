# join.pl TO FROM...: a link in TO to every file below each FROM, their
# directories merged; where two have the same file the first one's is taken.
use strict;
use warnings;

my ($to, @from) = @ARGV;

sub join_in {
    my ($from, $to) = @_;
    -d $to or mkdir $to or die "$to: $!";
    opendir my $h, $from or die "$from: $!";
    for my $name (sort grep { !/^\.\.?$/ } readdir $h) {
        my ($f, $t) = ("$from/$name", "$to/$name");
        if (-d $f && !-l $f) { join_in($f, $t) if !-l $t && (-d $t || !-e $t) }
        elsif (!-l $t && !-e $t) { symlink $f, $t or die "$t: $!" }
    }
    closedir $h;
}

join_in($_, $to) for grep { -d } @from;
