#!/usr/bin/perl
# Makes the small databases of tests/test_geo.c: documentation networks only, places of our own choice.
#   cd tests/geo && ./make.pl        (needs libmaxmind-db-writer-perl)
use strict;
use warnings;
use MaxMind::DB::Writer::Tree;

my %types = (
    country => 'map', iso_code => 'utf8_string', location => 'map', latitude => 'double', longitude => 'double',
    city => 'map', names => 'map', en => 'utf8_string', autonomous_system_number => 'uint32', my => 'map',
    land => 'utf8_string', country_code => 'utf8_string', nr => 'uint32', traits => 'map', lat => 'double',
    lng => 'double', lon => 'double', autonomous_system_organization => 'utf8_string', state1 => 'utf8_string',
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
                        state1 => 'Stockholm County',
                        autonomous_system_number => 64500 });
make('wrong.mmdb', 'Test-Wrong', 6, { %types, country_code => 'uint32', latitude => 'utf8_string', city => 'uint32',
                                      autonomous_system_number => 'utf8_string' },
    '192.0.2.0/25' => { country_code => 7, latitude => '52', longitude => 13, city => 9,
                        autonomous_system_number => '64500' });
make('own.mmdb', 'Test-Own', 6, \%types, '192.0.2.0/25' => { my => { land => 'NO', nr => 64502 } });
make('asn.mmdb', 'Test-ASN', 6, \%types, '192.0.2.0/24' => { autonomous_system_number => 64501,
                                                            autonomous_system_organization => 'Example' });
make('traits.mmdb', 'Test-ISP', 6, \%types, '192.0.2.0/24' => { traits => { autonomous_system_number => 64503 } });
make('everywhere.mmdb', 'Test-Country', 6, \%types, '::/1' => { country_code => 'NL' },
    '8000::/1' => { country_code => 'BE' });

# One address for each case: 192.0.2.0, 192.0.2.1, ... as tests/test_geo.c names them.
my $n = 0;
make('edges.mmdb', 'Test-Flat', 6, { %types, city => 'utf8_string' }, map { '192.0.2.' . $n++ . '/32' => $_ }
    { latitude => 90, longitude => 180 }, { latitude => -90, longitude => -180 },
    { latitude => 90.001, longitude => 1 }, { latitude => -90.001, longitude => 1 },
    { latitude => 1, longitude => 180.001 }, { latitude => 1, longitude => -180.001 },
    { latitude => 'nan', longitude => 1 }, { latitude => 1, longitude => 'nan' },
    { latitude => 'inf', longitude => 1 }, { latitude => 1, longitude => '-inf' },
    { lat => 5, lng => 6 }, { lat => 5, lon => 7 }, { latitude => 5 }, { longitude => 5 },
    { city => 'x' x 45 }, { city => 'x' x 46 }, { city => 'x' x 44 . "\x{e9}" }, { city => "a\x{85}b" },
    { country_code => 'A' }, { country_code => 'az' }, { country_code => 'ABC' }, { country_code => 'A1' });
