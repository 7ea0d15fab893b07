/* tests/fuzz/fuzz_profile.c
 *
 * Any text as a profile: it is refused with a sentence that names its place, or it reads messages without harm. */

#include "read/profile_load.h"
#include "read/profile_set.h"

#include <stdint.h>
#include <stdlib.h>

#include "read/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const messages[] = {
    "{\"event\":\"e\",\"user\":\"ada\",\"time\":\"2026-03-02T09:14:37Z\",\"a\":[{\"b\":1,\"c\":\"x\"},{\"b\":2}],\"n\":"
    "null,"
    "\"inner\":{\"user\":\"eve\",\"b\":{\"c\":[1,2,[3]]}},\"doc\":\"{\\\"a\\\":{\\\"b\\\":\\\"c\\\"}}\",\"a\":2}",
    "[{\"records\":[{\"event\":\"e\",\"user\":{\"name\":\"ada\"},\"time\":1772442877}]},7,\"text\",[]]",
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void listen(void *context, const struct mf_reading *reading)
{
    unsigned *n = context;

    ++*n;
    require((reading->event == NULL) == (reading->skip != MF_SKIP_NONE));
    if (reading->event == NULL)
        return;
    require(reading->event->user.length > 0 && reading->event->user.length <= MF_USER_MAX);
    require(reading->event->kind < MF_N_KINDS && reading->event->factor < MF_N_FACTORS && reading->event->prompts <= 1);
}

static void read_with(struct mf_profile *profile)
{
    struct mf_record_limits limits = {.size = 4096, .nodes = 512, .depth = 16};
    struct mf_profiles profiles = {.profile = {profile}, .n = 1, .markers = mf_markers_new()};
    struct mf_reader *reader = mf_reader_new(&limits, NULL);

    require(reader != NULL && profiles.markers != NULL);
    /* every message is marked, so that the profile is asked about each */
    require(mf_markers_add(profiles.markers, mf_slice_of("user"), false, 0) &&
            mf_markers_add(profiles.markers, mf_slice_of("text"), false, 0));
    for (unsigned i = 0; i < profile->markers.n && i < 16; i++)
        mf_markers_add(profiles.markers, profile->markers.word[i].text, profile->nocase, 0);
    mf_markers_prepare(profiles.markers);
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        unsigned n = 0;

        mf_reader_read(reader, &profiles, NULL, messages[i], strlen(messages[i]), MF_TIME_NONE, listen, &n);
        require(n > 0);
    }
    mf_reader_free(reader);
    mf_markers_free(profiles.markers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mf_error error = {""};
    struct mf_conf conf;
    struct mf_profile *profile = NULL;

    if (mf_conf_parse(&conf, "t.json", (struct mf_slice){(const char *)data, size}, &error) == 0)
        profile = mf_profile_compile(&conf, "t", &error);
    mf_conf_fini(&conf);
    if (profile == NULL) {
        require(strncmp(error.text, "t.json:", 7) == 0);
        return 0;
    }
    read_with(profile);
    mf_profile_free(profile);
    return 0;
}
