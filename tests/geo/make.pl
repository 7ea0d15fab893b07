#!/usr/bin/perl
# Makes the small databases of tests/test_geo.c: documentation networks only, places of our own choice.
#   cd tests/geo && ./make.pl        (needs libmaxmind-db-writer-perl)
use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my %types = (
    country => 'map', iso_code => 'utf8_string', location => 'map', latitude => 'double', longitude => 'double',
    city => 'map', names => 'map', en => 'utf8_string', autonomous_system_number => 'uint32', my => 'map',
    land => 'utf8_string', country_code => 'utf8_string', nr => 'uint32',
);

sub make {
    my ($file, $type, $version, $types, %networks) = @_;
    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version => $version, record_size => 24, database_type => $type, languages => ['en'],
        description => { en => 'made by tests/geo/make.pl' }, remove_reserved_networks => 0,
        map_key_type_callback => sub { $types->{ $_[0] } });
    $tree->insert_network($_, $networks{$_}) for sort keys %networks;
    open my $out, '>:raw', $file or die "$file: $!";
    $tree->write_tree($out);
    close $out or die "$file: $!";
}

sub nested {
    my ($country, $latitude, $longitude, $city) = @_;
    return { country => { iso_code => $country }, location => { latitude => $latitude, longitude => $longitude },
             city => { names => { en => $city } } };
}

make('nested.mmdb', 'Test-City', 6, \%types,
    '192.0.2.0/25' => nested('de', 52.5, 13.25, 'Berlin'), '2001:db8:1::/48' => nested('FR', 48.5, 2.25, 'Paris'),
    '198.51.100.0/25' => nested('D1', 91, 13, "bad\tname"), '198.51.100.128/25' => nested('DEU', 'nan', 13, ''));
make('v4.mmdb', 'Test-City', 4, \%types, '192.0.2.0/25' => nested('DE', 52.5, 13.25, 'Berlin'));
make('flat.mmdb', 'Test-Flat', 6, { %types, city => 'utf8_string', latitude => 'float', longitude => 'float' },
    '192.0.2.0/25' => { country_code => 'SE', latitude => 59.25, longitude => 18, city => 'Stockholm',
                        autonomous_system_number => 64500 });
make('wrong.mmdb', 'Test-Wrong', 6, { %types, country_code => 'uint32', latitude => 'utf8_string', city => 'uint32',
                                      autonomous_system_number => 'utf8_string' },
    '192.0.2.0/25' => { country_code => 7, latitude => '52', longitude => 13, city => 9,
                        autonomous_system_number => '64500' });
make('own.mmdb', 'Test-Own', 6, \%types, '192.0.2.0/25' => { my => { land => 'NO', nr => 64502 } });
make('asn.mmdb', 'Test-ASN', 6, \%types, '192.0.2.0/24' => { autonomous_system_number => 64501 });
