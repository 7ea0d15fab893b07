/* tests/test_ip.c
 *
 * Addresses as they stand in logs. Where a spelling is a plain one, libc's inet_pton is the second opinion. */

#include "base/ip.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What the text reads as, in RFC 5952 spelling; "no" when it is refused. */
static const char *reads(const char *text)
{
    static char shown[MF_IP_TEXT];
    struct mf_ip ip, before;

    memset(&ip, 0xA5, sizeof ip);
    before = ip;
    if (!mf_ip_parse(mf_slice_of(text), &ip)) {
        assert_memory_equal(&ip, &before, sizeof ip);
        return "no";
    }
    assert_true(ip.family == 4 || ip.family == 6);
    mf_ip_format(&ip, shown);
    return shown;
}

static void refuses(const char *text)
{
    if (strcmp(reads(text), "no") != 0)
        fail_msg("\"%s\" read as %s", text, reads(text));
}

static void reads_plain_addresses(void **state)
{
    (void)state;
    assert_string_equal(reads("192.0.2.7"), "192.0.2.7");
    assert_string_equal(reads("1.2.3.4"), "1.2.3.4");
    assert_string_equal(reads("255.255.255.254"), "255.255.255.254");
    assert_string_equal(reads("2001:db8::1"), "2001:db8::1");
    assert_string_equal(reads("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
    assert_string_equal(reads("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
    assert_string_equal(reads("::1"), "::1");
    assert_string_equal(reads("2001:db8::"), "2001:db8::");
    assert_string_equal(reads("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    assert_string_equal(reads("::2:3:4:5:6:7:8"), "0:2:3:4:5:6:7:8");
    assert_string_equal(reads("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
    assert_string_equal(reads("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
}

static void fills_bytes_in_network_order_and_zeros_behind_v4(void **state)
{
    static const uint8_t v4[16] = {192, 0, 2, 7};
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [14] = 0xab, [15] = 0xcd};
    struct mf_ip ip;

    (void)state;
    memset(&ip, 0xFF, sizeof ip);
    assert_true(mf_ip_parse(mf_slice_of("192.0.2.7"), &ip));
    assert_int_equal(ip.family, 4);
    assert_memory_equal(ip.bytes, v4, 16);
    assert_true(mf_ip_parse(mf_slice_of("2001:db8::abcd"), &ip));
    assert_int_equal(ip.family, 6);
    assert_memory_equal(ip.bytes, v6, 16);
    memset(&ip, 0xFF, sizeof ip);
    assert_true(mf_ip_parse(mf_slice_of("::ffff:192.0.2.7"), &ip));
    assert_int_equal(ip.family, 4);
    assert_memory_equal(ip.bytes, v4, 16);
}

static void drops_a_port_in_all_seven_spellings(void **state)
{
    (void)state;
    assert_string_equal(reads("1.2.3.4:1234"), "1.2.3.4");
    assert_string_equal(reads("[2001:db8::1]:1234"), "2001:db8::1");
    assert_string_equal(reads("2001:db8::1#1234"), "2001:db8::1");
    assert_string_equal(reads("2001:db8::1p1234"), "2001:db8::1");
    assert_string_equal(reads("2001:db8:3:4:5:6:7:8:1234"), "2001:db8:3:4:5:6:7:8");
    assert_string_equal(reads("2001:db8::1 port 1234"), "2001:db8::1");
    assert_string_equal(reads("2001:db8::1.1234"), "2001:db8::1");
}

static void drops_brackets_without_a_port(void **state)
{
    (void)state;
    assert_string_equal(reads("[2001:db8::1]"), "2001:db8::1");
    assert_string_equal(reads("[::ffff:1.2.3.4]:80"), "1.2.3.4");
    refuses("[2001:db8::1");
    refuses("2001:db8::1]");
    refuses("[2001:db8::1]]");
    refuses("[[2001:db8::1]]");
    refuses("[2001:db8::1]1234");
    refuses("[2001:db8::1]#1234");
    refuses("[2001:db8::1] port 1234");
    refuses("[2001:db8::1#1234]");
    refuses("[1.2.3.4]");
    refuses("[]");
    refuses("[");
}

static void an_ambiguous_port_behind_a_compressed_address_is_a_group(void **state)
{
    (void)state;
    assert_string_equal(reads("2001:db8::1:1234"), "2001:db8::1:1234");
    refuses("2001:db8::1:12345");
    refuses("1:2:3:4:5:6::8:1234");
}

static void a_dotted_tail_ends_the_address_so_a_port_is_clear(void **state)
{
    (void)state;
    assert_string_equal(reads("::ffff:1.2.3.4:51234"), "1.2.3.4");
    assert_string_equal(reads("::ffff:1.2.3.4#51234"), "1.2.3.4");
    assert_string_equal(reads("::ffff:1.2.3.4.51234"), "1.2.3.4");
    assert_string_equal(reads("0:0:0:0:0:ffff:1.2.3.4:80"), "1.2.3.4");
    assert_string_equal(reads("2001:db8::1.2.3.4"), "2001:db8::102:304");
    refuses("2001:db8::1.2.3");
    refuses("2001:db8::1.2.3.4.5.6");
    refuses("2001:db8::1.2.3.4:1:2");
}

static void a_port_is_a_number_up_to_65535(void **state)
{
    (void)state;
    assert_string_equal(reads("1.2.3.4:0"), "1.2.3.4");
    assert_string_equal(reads("1.2.3.4:65535"), "1.2.3.4");
    refuses("1.2.3.4:65536");
    refuses("1.2.3.4:123456");
    refuses("1.2.3.4:");
    refuses("1.2.3.4:x");
    refuses("1.2.3.4:80x");
    refuses("1.2.3.4:-1");
    refuses("1.2.3.4 port 80");
    refuses("1.2.3.4#80");
    refuses("[2001:db8::1]:65536");
    refuses("[2001:db8::1]:");
    refuses("2001:db8::1#65536");
    refuses("2001:db8::1#");
    refuses("2001:db8::1p");
    refuses("2001:db8::1.");
    refuses("2001:db8::1.65536");
    refuses("2001:db8::1 port ");
    refuses("2001:db8::1 port x");
    refuses("2001:db8::1  port 1");
    refuses("2001:db8::1 1234");
    refuses("1:2:3:4:5:6:7:8:65536");
    refuses("1:2:3:4:5:6:7:8:");
    refuses("1:2:3:4:5:6:7:8:9:10");
}

static void drops_a_zone(void **state)
{
    (void)state;
    assert_string_equal(reads("fe80::1%eth0"), "fe80::1");
    assert_string_equal(reads("fe80::1%25eth0"), "fe80::1");
    assert_string_equal(reads("fe80::1%3"), "fe80::1");
    assert_string_equal(reads("fe80::1%br-lan.10_x"), "fe80::1");
    assert_string_equal(reads("[fe80::1%eth0]:80"), "fe80::1");
    assert_string_equal(reads("fe80::1%eth0#80"), "fe80::1");
    assert_string_equal(reads("fe80::1%eth0 port 80"), "fe80::1");
    refuses("fe80::1%");
    refuses("[fe80::1%]");
    refuses("fe80::1%eth 0");
    refuses("fe80::1%eth0%1");
    refuses("1.2.3.4%eth0");
}

static void folds_mapped_addresses_only(void **state)
{
    (void)state;
    assert_string_equal(reads("::ffff:1.2.3.4"), "1.2.3.4");
    assert_string_equal(reads("::FFFF:102:304"), "1.2.3.4");
    assert_string_equal(reads("0:0:0:0:0:ffff:1.2.3.4"), "1.2.3.4");
    assert_string_equal(reads("::1.2.3.4"), "::1.2.3.4");
    assert_string_equal(reads("::fffe:1.2.3.4"), "::fffe:102:304");
    assert_string_equal(reads("::ffff:0:1.2.3.4"), "::ffff:0:102:304");
    assert_string_equal(reads("1::ffff:1.2.3.4"), "1::ffff:102:304");
}

static void refuses_placeholders(void **state)
{
    (void)state;
    refuses("0.0.0.0");
    refuses("0.0.0.0:80");
    assert_string_equal(reads("0.0.0.1"), "0.0.0.1");
    refuses("255.255.255.255");
    refuses("::");
    refuses("[::]:443");
    refuses("0:0:0:0:0:0:0:0");
    refuses("::ffff:0.0.0.0");
    refuses("::ffff:255.255.255.255");
    refuses("::0.0.0.0");
    refuses("");
    refuses("-");
    refuses("unknown");
    refuses("null");
    assert_false(mf_ip_parse((struct mf_slice){NULL, 0}, &(struct mf_ip){0}));
}

static void refuses_malformed_v4(void **state)
{
    static const char *const bad[] = {
        "1.2.3",      "1.2.3.",           "1.2.3.4.",  "1.2.3.4.5", "1.2.3.256",        "256.2.3.4",
        "01.2.3.4",   "1.2.3.00",         "1.2.3.010", "1..3.4",    ".1.2.3.4",         "1.2.3.-4",
        "1.2.3.4 ",   " 1.2.3.4",         "0x1.2.3.4", "16909060",  "1.2.3.4/32",       "1,2,3,4",
        "1.2.3.0000", "1.2.3.4, 5.6.7.8", "1.2.3.4\n", "1.2.3.a",   "1.2.3.4294967300",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
    assert_false(mf_ip_parse((struct mf_slice){"1.2.3.4\0", 8}, &(struct mf_ip){0}));
    assert_string_equal(reads("1.2.3.255"), "1.2.3.255");
    assert_string_equal(reads("10.0.0.0"), "10.0.0.0");
}

static void refuses_malformed_v6(void **state)
{
    static const char *const bad[] = {
        ":",
        ":::",
        "1:",
        ":1",
        "1:2",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        ":2:3:4:5:6:7:8",
        "1::2::3",
        "1:::2",
        "::1::",
        "12345::",
        "::12345",
        "g::1",
        "::g",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "::1/64",
        "::1.2.3.256",
        "::01.2.3.4",
        "1.2.3.4::",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:1.2.3.4",
        "::1:2:3:4:5:6:7:1.2.3.4",
        " ::1",
        "::1 ",
        "::1:",
        "2001:db8::1-2001:db8::2",
        "::ffff:1.2.3",
        "1:2:3:4:5:6:1.2.3.4.5.6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(bad[i]);
}

static void never_resolves_a_name(void **state)
{
    (void)state;
    refuses("localhost");
    refuses("example.com");
    refuses("example.com:443");
    refuses("host.1.2.3.4");
    refuses("1.2.3.4.example.com");
    refuses("dead.beef");
    refuses("cafe");
}

static void agrees_with_libc_on_what_it_writes(void **state)
{
    uint32_t random = 12345;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        unsigned char bytes[16];
        char text[INET6_ADDRSTRLEN];
        struct mf_ip ip;

        for (int j = 0; j < 16; j++) {
            random = random * 1664525 + 1013904223;
            /* half of the bytes zero, so that "::" turns up everywhere */
            bytes[j] = (unsigned char)(random >> 31 ? random >> 20 : 0);
        }
        inet_ntop(AF_INET6, bytes, text, sizeof text);
        if (mf_ip_parse(mf_slice_of(text), &ip)) {
            if (ip.family != 6 || memcmp(ip.bytes, bytes, 16) != 0)
                fail_msg("%s read wrong", text);
        } else {
            for (int j = 0; j < 16; j++)
                assert_int_equal(bytes[j], 0);
        }
        inet_ntop(AF_INET, bytes, text, sizeof text);
        if (mf_ip_parse(mf_slice_of(text), &ip)) {
            if (ip.family != 4 || memcmp(ip.bytes, bytes, 4) != 0)
                fail_msg("%s read wrong", text);
        } else {
            assert_true((bytes[0] | bytes[1] | bytes[2] | bytes[3]) == 0 ||
                        (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == 255);
        }
    }
}

static void writes_nothing_for_no_address(void **state)
{
    char text[MF_IP_TEXT] = "x";

    (void)state;
    mf_ip_format(&(struct mf_ip){0}, text);
    assert_string_equal(text, "");
}

static void compares_family_and_bytes(void **state)
{
    struct mf_ip a, b;

    (void)state;
    assert_true(mf_ip_parse(mf_slice_of("1.2.3.4"), &a) && mf_ip_parse(mf_slice_of("1.2.3.4:5"), &b));
    assert_true(mf_ip_equal(&a, &b));
    assert_true(mf_ip_parse(mf_slice_of("1.2.3.5"), &b));
    assert_false(mf_ip_equal(&a, &b));
    assert_true(mf_ip_parse(mf_slice_of("102:304::"), &b)); /* the same sixteen bytes */
    assert_memory_equal(a.bytes, b.bytes, 16);
    assert_false(mf_ip_equal(&a, &b));
}

static void a_network_is_a_24_or_a_48(void **state)
{
    char text[MF_IP_TEXT];
    struct mf_ip ip, network;

    (void)state;
    assert_true(mf_ip_parse(mf_slice_of("198.51.100.255"), &ip));
    network = mf_ip_network(&ip);
    mf_ip_format(&network, text);
    assert_string_equal(text, "198.51.100.0");
    assert_true(mf_ip_parse(mf_slice_of("2001:db8:ffff:ffff::1"), &ip));
    network = mf_ip_network(&ip);
    mf_ip_format(&network, text);
    assert_string_equal(text, "2001:db8:ffff::");
    network = mf_ip_network(&(struct mf_ip){0});
    assert_int_equal(network.family, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_addresses),
        cmocka_unit_test(fills_bytes_in_network_order_and_zeros_behind_v4),
        cmocka_unit_test(drops_a_port_in_all_seven_spellings),
        cmocka_unit_test(drops_brackets_without_a_port),
        cmocka_unit_test(an_ambiguous_port_behind_a_compressed_address_is_a_group),
        cmocka_unit_test(a_dotted_tail_ends_the_address_so_a_port_is_clear),
        cmocka_unit_test(a_port_is_a_number_up_to_65535),
        cmocka_unit_test(drops_a_zone),
        cmocka_unit_test(folds_mapped_addresses_only),
        cmocka_unit_test(refuses_placeholders),
        cmocka_unit_test(refuses_malformed_v4),
        cmocka_unit_test(refuses_malformed_v6),
        cmocka_unit_test(never_resolves_a_name),
        cmocka_unit_test(agrees_with_libc_on_what_it_writes),
        cmocka_unit_test(writes_nothing_for_no_address),
        cmocka_unit_test(compares_family_and_bytes),
        cmocka_unit_test(a_network_is_a_24_or_a_48),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
