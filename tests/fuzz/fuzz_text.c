/* tests/fuzz/fuzz_text.c
 *
 * Times, addresses and countries from any bytes. What a parser accepts must survive being written and read again, and
 * libc's idea of a plain address must be ours too. */

#include "base/country.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_time_reads_back(mf_time time)
{
    char text[MF_TIME_TEXT];
    mf_time again = MF_TIME_NONE;

    mf_time_format(time, text);
    require(strlen(text) == MF_TIME_TEXT - 1);
    require(mf_time_parse_iso(mf_slice_of(text), 5 * MF_HOUR, &again) && again == time);
}

static void check_times(struct mf_slice text)
{
    mf_time time, moved;

    if (mf_time_parse_iso(text, 0, &time)) {
        require(time >= 0);
        check_time_reads_back(time);
        /* A zone counts fully or, when the text has its own, not at all. */
        if (mf_time_parse_iso(text, MF_HOUR, &moved))
            require(moved == time || moved == time - MF_HOUR);
        else
            require(time < MF_HOUR);
    }
    if (mf_time_parse_epoch(text, &time)) {
        require(time >= 1000000000000 && time <= 100000000000999);
        check_time_reads_back(time);
    }
    if (mf_time_parse_slashes(text, 0, &time)) {
        require(time >= 0);
        check_time_reads_back(time);
    }
    if (text.length >= sizeof time) {
        char out[MF_TIME_TEXT];

        memcpy(&time, text.data, sizeof time);
        mf_time_format(time, out);
        require(mf_time_parse_iso(mf_slice_of(out), 0, &moved));
        require(mf_time_parse_iso(text, time, &moved) ? moved >= 0 : true);
    }
}

static void check_address(struct mf_slice text)
{
    struct mf_ip ip, again, network;
    char out[MF_IP_TEXT];

    if (!mf_ip_parse(text, &ip))
        return;
    require(ip.family == 4 || ip.family == 6);
    mf_ip_format(&ip, out);
    require(mf_ip_parse(mf_slice_of(out), &again) && mf_ip_equal(&ip, &again));
    network = mf_ip_network(&ip);
    again = mf_ip_network(&network);
    require(mf_ip_equal(&network, &again) && network.family == ip.family);
}

static void check_against_libc(struct mf_slice text)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, zero[16] = {0}, ones[4] = {255, 255, 255, 255};
    char terminated[64];
    uint8_t bytes[16] = {0};
    struct mf_ip ip;

    if (text.length >= sizeof terminated || memchr(text.data, '\0', text.length) != NULL)
        return;
    memcpy(terminated, text.data, text.length);
    terminated[text.length] = '\0';

    bool v4 = inet_pton(AF_INET, terminated, bytes) == 1;
    if (!v4 && inet_pton(AF_INET6, terminated, bytes) != 1)
        return;
    if (!v4 && memcmp(bytes, mapped, 12) == 0) {
        memmove(bytes, bytes + 12, 4);
        memset(bytes + 4, 0, 12);
        v4 = true;
    }
    if (memcmp(bytes, zero, 16) == 0 || (v4 && memcmp(bytes, ones, 4) == 0)) {
        require(!mf_ip_parse(text, &ip));
        return;
    }
    require(mf_ip_parse(text, &ip));
    require(ip.family == (v4 ? 4 : 6) && memcmp(ip.bytes, bytes, 16) == 0);
}

static void check_country(struct mf_slice text)
{
    char code[2], again[2];

    if (!mf_country_code(text, code))
        return;
    require(code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z');
    require(mf_country_code((struct mf_slice){code, 2}, again) && memcmp(code, again, 2) == 0);
}

static void check_hash(struct mf_slice text)
{
    static const struct mf_hash_key key = {1, 2};
    char *shifted = malloc(text.length + 3);

    require(shifted != NULL);
    memcpy(shifted + 3, text.data, text.length);
    require(mf_hash_equal(mf_hash_bytes(&key, text.data, text.length), mf_hash_bytes(&key, shifted + 3, text.length)));
    free(shifted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_slice text = {(const char *)data, size};

    if (data == NULL)
        text = mf_slice_of("");
    check_times(text);
    check_address(text);
    check_against_libc(text);
    check_country(text);
    check_hash(text);
    return 0;
}
