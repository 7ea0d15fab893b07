/* tests/test_nets.c
 *
 * Lists of networks: both families, nested prefixes with different ends, compared with a look at every entry. */

#include "context/nets.h"

#include "list_file.h"

static struct mf_error error;

static struct mf_nets *load_or_not(const char *text, bool with_asn)
{
    struct list_file file = list_file(text);
    struct mf_nets *nets = mf_nets_load(file.path, with_asn, &error);

    close(file.fd);
    return nets;
}

static struct mf_nets *load(const char *text)
{
    struct mf_nets *nets = load_or_not(text, true);

    if (nets == NULL)
        fail_msg("%s", error.text);
    return nets;
}

static bool has(const struct mf_nets *nets, const char *address, const char *now)
{
    struct mf_ip ip;

    assert_true(mf_ip_parse(mf_slice_of(address), &ip));
    return mf_nets_has(nets, &ip, 0, time_of(now));
}

#define NOW "2026-06-01T12:00:00Z"

static void knows_both_edges_of_a_network(void **state)
{
    struct mf_nets *nets = load("192.0.2.0/24\n198.51.100.7\n2001:db8::/32\n2001:db9::1 # one\n203.0.113.128/25\n");

    (void)state;
    assert_true(has(nets, "192.0.2.0", NOW));
    assert_true(has(nets, "192.0.2.255", NOW));
    assert_false(has(nets, "192.0.1.255", NOW));
    assert_false(has(nets, "192.0.3.0", NOW));
    assert_true(has(nets, "198.51.100.7", NOW));
    assert_false(has(nets, "198.51.100.6", NOW));
    assert_false(has(nets, "198.51.100.8", NOW));
    assert_false(has(nets, "203.0.113.127", NOW));
    assert_true(has(nets, "203.0.113.128", NOW));
    assert_true(has(nets, "2001:db8::", NOW));
    assert_true(has(nets, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", NOW));
    assert_false(has(nets, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", NOW));
    assert_false(has(nets, "2001:db9::", NOW));
    assert_true(has(nets, "2001:db9::1", NOW));
    assert_false(has(nets, "2001:db9::2", NOW));
    assert_int_equal(mf_nets_count(nets), 5);
    assert_true(mf_nets_memory(nets) > 5 * 24);
    mf_nets_free(nets);
}

static void knows_the_edges_of_the_address_space(void **state)
{
    struct mf_nets *nets = load("0.0.0.0/1\n255.255.255.255\nffff::/16\n::/128\n");

    (void)state;
    assert_true(has(nets, "0.0.0.1", NOW));
    assert_true(has(nets, "127.255.255.255", NOW));
    assert_false(has(nets, "128.0.0.0", NOW));
    assert_false(has(nets, "255.255.255.254", NOW));
    assert_true(mf_nets_has(nets, &(struct mf_ip){4, {255, 255, 255, 255}}, 0, 0));
    assert_true(has(nets, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NOW));
    assert_false(has(nets, "fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NOW));
    assert_true(mf_nets_has(nets, &(struct mf_ip){.family = 6}, 0, 0));
    assert_false(has(nets, "::1", NOW));
    mf_nets_free(nets);
}

static void a_network_of_everything_stays_in_its_family(void **state)
{
    struct mf_nets *four = load("0.0.0.0/0\n"), *six = load("::/0\n");

    (void)state;
    assert_true(has(four, "8.8.8.8", NOW));
    assert_false(has(four, "2001:db8::1", NOW));
    assert_true(has(six, "2001:db8::1", NOW));
    assert_true(has(six, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NOW));
    assert_false(has(six, "8.8.8.8", NOW));
    mf_nets_free(four);
    mf_nets_free(six);
}

static void is_wide(const char *text, const char *widest, unsigned at)
{
    struct mf_nets *nets = load(text);
    char said[MF_NETS_TEXT] = "";
    uint32_t line = 0;

    assert_int_equal(mf_nets_wide(nets, said, &line), widest != NULL);
    assert_string_equal(said, widest == NULL ? "" : widest);
    assert_int_equal(line, at);
    mf_nets_free(nets);
}

static void knows_the_first_entry_that_is_wider_than_any_company(void **state)
{
    (void)state;
    is_wide("192.0.2.0/24\n0.0.0.0/0\n8.0.0.0/7\n", "0.0.0.0/0", 2);
    is_wide("\n8.0.0.0/7\n", "8.0.0.0/7", 2);
    is_wide("10.0.0.0/8\n2001::/16\n", NULL, 0);
    is_wide("2000::/15\n", "2000::/15", 1);
    is_wide("::/0 until=2030-01-01\n", "::/0", 1);
    is_wide("::ffff:8.0.0.0/103\n", "8.0.0.0/7", 1);
    is_wide("", NULL, 0);
}

static void folds_mapped_networks_to_the_fourth_version(void **state)
{
    struct mf_nets *nets = load("::ffff:192.0.2.0/120\n::ffff:198.51.100.1\n::ffff:10.0.0.0/104\n");

    (void)state;
    assert_true(has(nets, "192.0.2.255", NOW));
    assert_false(has(nets, "192.0.3.0", NOW));
    assert_true(has(nets, "198.51.100.1", NOW));
    assert_true(has(nets, "::ffff:198.51.100.1", NOW));
    assert_true(has(nets, "10.255.255.255", NOW));
    assert_false(has(nets, "11.0.0.0", NOW));
    mf_nets_free(nets);
}

static void an_entry_holds_to_the_end_of_its_last_day(void **state)
{
    struct mf_nets *nets = load("192.0.2.0/24 until=2026-05-31\n198.51.100.0/24 until=2026-06-01T12:00:00Z\n"
                                "AS64500 until=2026-05-31\n");

    (void)state;
    assert_true(has(nets, "192.0.2.1", "2026-05-31T23:59:59.999Z"));
    assert_false(has(nets, "192.0.2.1", "2026-06-01T00:00:00Z"));
    assert_true(has(nets, "198.51.100.1", "2026-06-01T12:00:00Z"));
    assert_false(has(nets, "198.51.100.1", "2026-06-01T12:00:00.001Z"));
    assert_true(mf_nets_has(nets, NULL, 64500, time_of("2026-05-31T23:59:59.999Z")));
    assert_false(mf_nets_has(nets, NULL, 64500, time_of("2026-06-01T00:00:00Z")));
    mf_nets_free(nets);
}

static void any_network_that_holds_is_enough(void **state)
{
    struct mf_nets *nets = load("10.0.0.0/8 until=2026-03-31\n10.1.0.0/16 until=2026-01-31\n"
                                "10.1.2.0/24 until=2026-06-30\n10.1.2.3 until=2026-02-28\n10.255.255.0/24\n");

    (void)state;
    assert_true(has(nets, "10.1.0.1", "2026-03-15T00:00:00Z"));
    assert_false(has(nets, "10.1.0.1", "2026-04-15T00:00:00Z"));
    assert_true(has(nets, "10.1.2.3", "2026-06-15T00:00:00Z"));
    assert_true(has(nets, "10.1.2.4", "2026-06-15T00:00:00Z"));
    assert_false(has(nets, "10.1.3.0", "2026-06-15T00:00:00Z"));
    assert_false(has(nets, "10.1.2.3", "2026-07-15T00:00:00Z"));
    assert_true(has(nets, "10.255.255.255", "2036-07-15T00:00:00Z"));
    assert_false(has(nets, "11.0.0.0", "2026-01-15T00:00:00Z"));
    mf_nets_free(nets);
}

static void of_the_same_network_twice_the_later_end_counts(void **state)
{
    struct mf_nets *nets = load("192.0.2.0/24 until=2026-06-30\n192.0.2.0/24 until=2026-01-31\n::ffff:192.0.2.0/120\n"
                                "AS64500 until=2026-01-31\nas64500 until=2026-06-30\n2001:db8::/32 until=2026-01-01\n"
                                "2001:DB8:0::/32 until=2026-12-31\n");

    (void)state;
    assert_int_equal(mf_nets_count(nets), 7);
    assert_int_equal(mf_nets_repeated(nets), 4);
    assert_true(has(nets, "192.0.2.1", "2036-01-01T00:00:00Z"));
    assert_true(has(nets, "2001:db8::1", NOW));
    assert_true(mf_nets_has(nets, NULL, 64500, time_of(NOW)));
    assert_false(mf_nets_has(nets, NULL, 64500, time_of("2026-07-01T00:00:00Z")));
    mf_nets_free(nets);
}

static void says_how_many_have_expired_and_where_the_first_stands(void **state)
{
    struct mf_nets *nets = load("# comment\n10.0.0.0/8\n11.0.0.0/8 until=2026-06-30\n12.0.0.0/8 until=2026-05-31\n"
                                "AS64500 until=2025-01-01\n");
    uint32_t line = 99;

    (void)state;
    assert_int_equal(mf_nets_expired(nets, time_of(NOW), &line), 2);
    assert_int_equal(line, 4);
    assert_int_equal(mf_nets_expired(nets, time_of("2020-01-01T00:00:00Z"), &line), 0);
    assert_int_equal(line, 0);
    assert_int_equal(mf_nets_expired(nets, time_of("2030-01-01T00:00:00Z"), NULL), 3);
    mf_nets_free(nets);
}

static void knows_autonomous_systems(void **state)
{
    struct mf_nets *nets = load("AS64500\nAS1\nAS4294967295\n");
    const struct mf_ip none = {0};

    (void)state;
    assert_true(mf_nets_has(nets, NULL, 1, 0));
    assert_true(mf_nets_has(nets, &none, 64500, 0));
    assert_true(mf_nets_has(nets, NULL, UINT32_MAX, 0));
    assert_false(mf_nets_has(nets, NULL, 0, 0));
    assert_false(mf_nets_has(nets, NULL, 2, 0));
    assert_false(mf_nets_has(nets, NULL, 64499, 0));
    assert_false(mf_nets_has(nets, &none, 0, 0));
    mf_nets_free(nets);
    assert_null(load_or_not("AS64500\n", false));
    assert_non_null(strstr(error.text, ":1: \"AS64500\": this list takes networks and addresses only"));
}

static void an_empty_list_and_no_list_hold_nothing(void **state)
{
    struct mf_nets *nets = load("# nothing yet\n\n");

    (void)state;
    assert_false(has(nets, "192.0.2.1", NOW));
    assert_false(has(nets, "2001:db8::1", NOW));
    assert_false(mf_nets_has(nets, NULL, 64500, 0));
    assert_false(has(NULL, "192.0.2.1", NOW));
    assert_int_equal(mf_nets_count(nets), 0);
    mf_nets_free(nets);
    mf_nets_free(NULL);
}

static void refuses_what_it_would_have_to_guess(void **state)
{
#define ACCEPTED "; accepted: 192.0.2.0/24, 2001:db8::/32, an address, AS64500"
    static const struct refusal refusals[] = {
        {"192.0.2.0/24\n192.0.2.1/24", "2: 192.0.2.1/24 has bits set behind the prefix, did you mean 192.0.2.0/24 (the "
                                       "network) or 192.0.2.1 (the address)?"},
        {"2001:db8::1/32", "1: 2001:db8::1/32 has bits set behind the prefix, did you mean 2001:db8::/32 (the network) "
                           "or 2001:db8::1 (the address)?"},
        {"1.2.3.4/0",
         "1: 1.2.3.4/0 has bits set behind the prefix, did you mean 0.0.0.0/0 (the network) or 1.2.3.4 (the "
         "address)?"},
        {"192.0.2.0/33", "1: \"/33\" is no prefix length; accepted: /0 to /32"},
        {"192.0.2.0/", "1: \"/\" is no prefix length; accepted: /0 to /32"},
        {"192.0.2.0/08", "1: \"/08\" is no prefix length; accepted: /0 to /32"},
        {"192.0.2.0/-1", "1: \"/-1\" is no prefix length; accepted: /0 to /32"},
        {"192.0.2.0/4294967304", "1: \"/4294967304\" is no prefix length; accepted: /0 to /32"},
        {"192.0.2.0/255.255.255.0", "1: \"/255.255.255.0\" is no prefix length; accepted: /0 to /32"},
        {"2001:db8::/129", "1: \"/129\" is no prefix length; accepted: /0 to /128"},
        {"192.0.2/24", "1: \"192.0.2/24\" is no network" ACCEPTED},
        {"192.0.02.0/24", "1: \"192.0.02.0/24\" is no network" ACCEPTED},
        {"192.0.2.256", "1: \"192.0.2.256\" is no network" ACCEPTED},
        {"192.0.2.1:443", "1: \"192.0.2.1:443\" is no network" ACCEPTED},
        {"[2001:db8::1]", "1: \"[2001:db8::1]\" is no network" ACCEPTED},
        {"fe80::1%eth0", "1: \"fe80::1%eth0\" is no network" ACCEPTED},
        {"192.0.2.1#office", "1: \"192.0.2.1#office\" is no network" ACCEPTED},
        {"192.0.2.0-192.0.2.9", "1: \"192.0.2.0-192.0.2.9\" is no network" ACCEPTED},
        {"vpn.example.com", "1: \"vpn.example.com\" is no network" ACCEPTED},
        {"/24", "1: \"/24\" is no network" ACCEPTED},
        {"\"\"", "1: \"\" is no network" ACCEPTED},
        {"AS", "1: \"AS\" is no network" ACCEPTED},
        {"AS0", "1: \"AS0\" is no AS number; accepted: AS1 to AS4294967295"},
        {"AS4294967296", "1: \"AS4294967296\" is no AS number; accepted: AS1 to AS4294967295"},
        {"AS1.2", "1: \"AS1.2\" is no AS number; accepted: AS1 to AS4294967295"},
        {"192.0.2.1 untill=2026-12-31", "1: unknown key \"untill\", did you mean \"until\"? accepted: until="},
        {"192.0.2.1 colour=red", "1: unknown key \"colour\"; accepted: until="},
        {"192.0.2.1 office", "1: unexpected \"office\"; accepted behind the first word: until=, # comment"},
        {"\n192.0.2.1 until=2026-02-30",
         "2: until=\"2026-02-30\" is no date; accepted: 2026-12-31 (UTC) or 2026-12-31T18:00:00Z"},
        {"192.0.2.1 until=", "1: until=\"\" is no date; accepted: 2026-12-31 (UTC) or 2026-12-31T18:00:00Z"},
        {"192.0.2.1 until=2026-01-01 until=2026-01-02", "1: until= stands twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct list_file file = list_file(refusals[i].text);

        if (mf_nets_load(file.path, true, &error) != NULL)
            fail_msg("<%s> was accepted", refusals[i].text);
        check_refusal(&file, &refusals[i], error.text);
        close(file.fd);
    }
}

/* ---- against a look at every entry ---- */

enum { MOST = 60, DAYS = 28 };

struct entry {
    struct mf_ip ip;
    unsigned length, last_day; /* 0: for ever */
};

static unsigned bit_of(const struct mf_ip *ip, unsigned i)
{
    return (unsigned)ip->bytes[i / 8] >> (7 - i % 8) & 1u;
}

static bool naive_has(const struct entry *entries, unsigned n, const struct mf_ip *ip, unsigned day)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned same = 0;

        if (entries[i].ip.family != ip->family || (entries[i].last_day != 0 && day > entries[i].last_day))
            continue;
        while (same < entries[i].length && bit_of(&entries[i].ip, same) == bit_of(ip, same))
            same++;
        if (same == entries[i].length)
            return true;
    }
    return false;
}

/* A few bits are drawn and the others alike, so that prefixes nest, meet and repeat. */
static struct mf_ip draw_ip(uint64_t *seed)
{
    struct mf_ip ip = {.family = next_random(seed) % 2 ? 4 : 6};
    unsigned size = ip.family == 4 ? 4 : 16;
    uint8_t fill = (uint8_t)(next_random(seed) % 3 == 0 ? 0xFF : 0x00);

    for (unsigned i = 0; i < size; i++)
        ip.bytes[i] = fill;
    ip.bytes[0] = (uint8_t)(next_random(seed) % 4 * 85);
    ip.bytes[1] = (uint8_t)(next_random(seed) % 3);
    ip.bytes[size - 1] = (uint8_t)(fill ^ next_random(seed) % 4);
    return ip;
}

static struct entry draw_entry(uint64_t *seed)
{
    struct entry entry = {.ip = draw_ip(seed)};
    unsigned bits = entry.ip.family == 4 ? 32 : 128;
    static const unsigned back[] = {0, 0, 1, 2, 3, 8, 16, 20, 24, 30, 31, 32, 63, 64, 65, 120, 127, 128};

    entry.length = bits - back[next_random(seed) % (entry.ip.family == 4 ? 12 : 18)];
    for (unsigned i = entry.length; i < bits; i++)
        entry.ip.bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    entry.last_day = (unsigned)(next_random(seed) % (DAYS + 1));
    return entry;
}

static size_t write_entry(char *out, const struct entry *entry)
{
    char address[MF_IP_TEXT];
    size_t used;

    mf_ip_format(&entry->ip, address);
    used = (size_t)sprintf(out, "%s/%u", address, entry->length);
    if (entry->last_day != 0)
        used += (size_t)sprintf(out + used, " until=2026-02-%02u", entry->last_day);
    out[used++] = '\n';
    out[used] = '\0';
    return used;
}

/* The first or last address of an entry, or one beside it, or any. */
static struct mf_ip draw_question(const struct entry *entries, unsigned n, uint64_t *seed)
{
    const struct entry *entry = &entries[next_random(seed) % n];
    struct mf_ip ip = entry->ip;
    unsigned bits = ip.family == 4 ? 32 : 128, way = (unsigned)(next_random(seed) % 5);

    if (way == 4)
        return draw_ip(seed);
    for (unsigned i = entry->length; i < bits && way % 2 == 1; i++)
        ip.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
    for (unsigned i = bits / 8; i-- > 0 && way >= 2;) {
        ip.bytes[i] = (uint8_t)(ip.bytes[i] + (way == 3 ? 1 : 255));
        if (ip.bytes[i] != (way == 3 ? 0 : 255))
            break;
    }
    return ip;
}

static void agrees_with_a_look_at_every_entry(void **state)
{
    static char text[MOST * 96];
    struct entry entries[MOST];
    uint64_t seed = 20260601;
    unsigned yes = 0, no = 0;

    (void)state;
    for (unsigned round = 0; round < 1500; round++) {
        unsigned n = 1 + (unsigned)(next_random(&seed) % MOST);
        size_t used = 0;

        for (unsigned i = 0; i < n; i++) {
            entries[i] = draw_entry(&seed);
            used += write_entry(text + used, &entries[i]);
        }
        struct mf_nets *nets = load(text);
        for (unsigned i = 0; i < 200; i++) {
            struct mf_ip ip = draw_question(entries, n, &seed);
            unsigned day = 1 + (unsigned)(next_random(&seed) % DAYS);
            mf_time midnight = time_of("2026-02-01T00:00:00Z") + (day - 1) * MF_DAY;
            bool expected = naive_has(entries, n, &ip, day);
            char address[MF_IP_TEXT];

            mf_ip_format(&ip, address);
            if (mf_nets_has(nets, &ip, 0, midnight) != expected ||
                mf_nets_has(nets, &ip, 0, midnight + MF_DAY - 1) != expected)
                fail_msg("%s on day %u: not %d in\n%s", address, day, expected, text);
            yes += expected;
            no += !expected;
        }
        mf_nets_free(nets);
    }
    /* the comparison says something only if both answers are common */
    assert_true(yes > 30000 && no > 30000);
}

static void loads_a_hundred_thousand_networks(void **state)
{
    enum { N = 100000 };
    char *text = malloc(N * 48);
    uint64_t seed = 7;
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        uint32_t a = (uint32_t)next_random(&seed);

        used += (size_t)sprintf(text + used, i % 2 ? "%u.%u.%u.0/24\n" : "2001:%x:%x:%x::/64\n", a >> 24, a >> 16 & 255,
                                a >> 8 & 255);
    }
    struct mf_nets *nets = load(text);
    assert_int_equal(mf_nets_count(nets), N);
    assert_true(mf_nets_memory(nets) <= (2 * N + 2) * 24 + 1024);
    mf_nets_free(nets);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_both_edges_of_a_network),
        cmocka_unit_test(knows_the_edges_of_the_address_space),
        cmocka_unit_test(a_network_of_everything_stays_in_its_family),
        cmocka_unit_test(knows_the_first_entry_that_is_wider_than_any_company),
        cmocka_unit_test(folds_mapped_networks_to_the_fourth_version),
        cmocka_unit_test(an_entry_holds_to_the_end_of_its_last_day),
        cmocka_unit_test(any_network_that_holds_is_enough),
        cmocka_unit_test(of_the_same_network_twice_the_later_end_counts),
        cmocka_unit_test(says_how_many_have_expired_and_where_the_first_stands),
        cmocka_unit_test(knows_autonomous_systems),
        cmocka_unit_test(an_empty_list_and_no_list_hold_nothing),
        cmocka_unit_test(refuses_what_it_would_have_to_guess),
        cmocka_unit_test(agrees_with_a_look_at_every_entry),
        cmocka_unit_test(loads_a_hundred_thousand_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
