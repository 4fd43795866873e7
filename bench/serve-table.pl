# The table of bench/serve. Standard input has a line for each measurement:
#   WORK SERVER ROUND CONNECTIONS SIZE REQUESTS/S BYTES/S P99-MS PROCESSOR-US
use strict;
use warnings;

my (%figures, @works, @servers, %size, %connections);
while (<STDIN>) {
    my ($work, $server, $round, $connections, $size, @values) = split;
    push @works, $work unless $size{$work};
    push @servers, $server unless grep { $_ eq $server } @servers;
    ($size{$work}, $connections{$work}) = ($size, $connections);
    # The large blob is counted in bytes, the others in answers.
    my ($answers, $bytes, $p99, $processor) = @values;
    my $rate = $work =~ /^large/ ? $bytes / 1e6 : $answers;
    push @{ $figures{$work}{$server} }, { round => $round, rate => $rate, p99 => $p99, processor => $processor };
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub column {
    my ($work, $server, $name) = @_;
    return map { $_->{$name} } @{ $figures{$work}{$server} };
}

# Round by round: what else the machine does at the time, it does to both.
sub of_nginx {
    my ($work, $server) = @_;
    my @nginx = column($work, 'nginx', 'rate');
    return median(map { $_->{rate} / $nginx[$_->{round} - 1] } @{ $figures{$work}{$server} });
}

print "| what | server | median | least to most | of nginx | 99th percentile | processor time for one answer |\n";
print "|---|---|---|---|---|---|---|\n";
for my $work (@works) {
    for my $server (@servers) {
        my @rates = sort { $a <=> $b } column($work, $server, 'rate');
        printf "| %s, %s bytes, %s connections | %s | %.0f %s | %.0f to %.0f | %.2f | %.1f ms | %.0f us |\n",
            $work =~ tr/-/ /r, $size{$work}, $connections{$work}, $server,
            median(@rates), $work =~ /^large/ ? 'MB/s' : '/s', $rates[0], $rates[-1],
            of_nginx($work, $server), median(column($work, $server, 'p99')), median(column($work, $server, 'processor'));
    }
}

print "\n";
for (
    [ 'manifests per second', 15000, median(column('manifest', 'nixery', 'rate')) ],
    [ 'small blobs per second', 15000, median(column('small-blob', 'nixery', 'rate')) ],
    [ "of nginx's bytes per second with large blobs", 0.8, of_nginx('large-blob', 'nixery') ])
{
    my ($what, $least, $value) = @$_;
    printf "- at least %s %s: %.5g, %s\n", $least, $what, $value, $value >= $least ? 'met' : 'missed';
}
