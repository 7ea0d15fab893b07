/* tests/fuzz/fuzz_mould.c
 *
 * A record, and the same with a few bytes changed: a reader that remembers how the first was written says the same of the
 * second as one that parses everything, in full and in a hurry.
 *
 * The input is a list of changes: two bytes for the place, one for how many bytes go, one for how many come, and these.
 * Its first byte chooses the record. An input that begins with a brace is lines instead, each a record: nearly the same
 * ones come of mutate_json.c. */

#include <stdint.h>
#include <stdlib.h>

#include "../reading_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 16384, LINES_MAX = 8 };

static const char *const records[] = {
    "{\"actor\":{\"id\":\"00u1\",\"type\":\"User\",\"alternateId\":\"Ann@example.com\",\"detailEntry\":null},"
    "\"client\":{"
    "\"device\":\"Computer\",\"ipAddress\":\"198.51.100.7\",\"geographicalContext\":{\"country\":\"France\","
    "\"geolocation\":{"
    "\"lat\":45.75,\"lon\":4.85}}},\"eventType\":\"user.authentication.auth_via_mfa\",\"outcome\":{\"result\":"
    "\"FAILURE\","
    "\"reason\":\"INVALID_CREDENTIALS\"},\"published\":\"2026-03-01T08:00:00.123Z\",\"securityContext\":{\"asNumber\":"
    "64500,"
    "\"isProxy\":false},\"debugContext\":{\"debugData\":{\"factor\":\"OKTA_VERIFY_PUSH\"}},\"uuid\":\"u1\",\"target\":["
    "{"
    "\"id\":\"t\",\"type\":\"User\",\"alternateId\":\"ann@example.com\"},{\"type\":\"AppUser\",\"alternateId\":\"a\"}]"
    "}",
    "{\"txid\":\"t1\",\"timestamp\":1772442877,\"result\":\"denied\",\"reason\":\"user_marked_fraud\",\"factor\":\"duo_"
    "push\","
    "\"event_type\":\"authentication\",\"user\":{\"name\":\"ann\",\"key\":\"DU1\",\"groups\":[\"one\",\"two\"]},"
    "\"access_device\":{\"ip\":\"198.51.100.7\",\"location\":{\"country\":\"France\",\"city\":\"Lyon\"}},\"auth_"
    "device\":{"
    "\"ip\":\"203.0.113.9\"},\"application\":{\"name\":\"VPN\"}}",
    "{\"time\":\"2026-03-01T08:00:00Z\",\"category\":\"SignInLogs\",\"tenantId\":\"t\",\"properties\":{\"id\":\"i\","
    "\"createdDateTime\":\"2026-03-01T08:00:00Z\",\"userPrincipalName\":\"Ann@example.com\",\"userId\":\"u\","
    "\"ipAddress\":"
    "\"198.51.100.7\",\"status\":{\"errorCode\":500121,\"additionalDetails\":\"MFA denied; user declined the "
    "authentication\"},"
    "\"location\":{\"countryOrRegion\":\"FR\",\"city\":\"Lyon\"},\"authenticationDetails\":[{\"authenticationMethod\":"
    "\"Mobile app notification\",\"succeeded\":false,\"authenticationStepResultDetail\":\"MFA denied; user "
    "declined\"}]}}",
};

static struct mf_profiles *profiles;
static struct mf_reader *plain;

static void require(bool truth)
{
    if (!truth)
        abort();
}

static struct mf_reader *new_reader(void)
{
    static const struct mf_record_limits limits = {.size = TEXT_MAX, .nodes = 2048, .depth = 32};
    struct mf_error error;
    struct mf_reader *reader = mf_reader_new(&limits, &error);

    require(reader != NULL);
    return reader;
}

static void load_profiles(void)
{
    const char *source = getenv("MF_SRCDIR");
    const char *const places[] = {source == NULL ? "." : source, "..", "../.."};
    struct mf_error error;

    for (size_t i = 0; profiles == NULL && i < sizeof places / sizeof places[0]; i++) {
        char dir[4096];

        snprintf(dir, sizeof dir, "%s/profiles", places[i]);
        profiles = mf_profiles_load(dir, NULL, 0, &error);
    }
    require(profiles != NULL);
    plain = new_reader();
    mf_reader_remember(plain, false);
}

/* Applies the first change of the input to the text, and gives the bytes of the input that it took; 0 at the end. */
static size_t change(const uint8_t *data, size_t size, char *text, size_t *length)
{
    size_t at, gone, come;

    if (size < 4)
        return 0;
    at = ((size_t)data[0] << 8 | data[1]) % (*length + 1);
    gone = data[2] < *length - at ? data[2] : *length - at;
    come = data[3] < size - 4 ? data[3] : size - 4;
    if (*length - gone + come > TEXT_MAX)
        return 0;
    memmove(text + at + come, text + at + gone, *length - at - gone);
    memcpy(text + at, data + 4, come);
    *length = *length - gone + come;
    return 4 + come;
}

/* In a buffer of its own, so that a sanitizer sees a read behind the end. */
static void compare(struct mf_reader *warm, const char *text, size_t length)
{
    static struct reading_text one, other;
    char *copy = malloc(length + 1);

    require(copy != NULL);
    memcpy(copy, text, length);
    reading_of(warm, profiles, copy, length, &one);
    reading_of(plain, profiles, copy, length, &other);
    require(reading_same(&one, &other));
    free(copy);
}

static void try_lines(const char *at, size_t left)
{
    struct mf_reader *warm = new_reader();

    mf_reader_hurry(warm, left % 2 != 0);
    mf_reader_hurry(plain, left % 2 != 0);
    for (unsigned n = 0; n < LINES_MAX && left > 0; n++) {
        const char *end = memchr(at, '\n', left);
        size_t length = end == NULL ? left : (size_t)(end - at), taken = length + (end != NULL);

        compare(warm, at, length);
        compare(warm, at, length);
        at += taken;
        left -= taken;
    }
    mf_reader_free(warm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX];
    struct mf_reader *warm;
    size_t length, taken;

    if (profiles == NULL)
        load_profiles();
    if (size == 0)
        return 0;
    if (data[0] == '{') {
        try_lines((const char *)data, size);
        return 0;
    }
    warm = new_reader();
    mf_reader_hurry(warm, data[0] >= 128);
    mf_reader_hurry(plain, data[0] >= 128);
    length = strlen(records[data[0] % 3]);
    memcpy(text, records[data[0] % 3], length);
    compare(warm, text, length);
    data++;
    size--;
    for (unsigned n = 0; n < 8 && (taken = change(data, size, text, &length)) > 0; n++) {
        data += taken;
        size -= taken;
        compare(warm, text, length);
        compare(warm, text, length);
    }
    mf_reader_free(warm);
    return 0;
}
