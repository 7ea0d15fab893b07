/* tests/fuzz/fuzz_event.c
 *
 * Any bytes as a message, through all shipped profiles: what comes out is an event that can be trusted in every field, or a
 * named reason; and the same again. */

#include "read/profile.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "read/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mf_profiles *profiles;
static struct mf_reader *reader;

/* What came of a message, in a few numbers. */
struct outcome {
    unsigned n, events;
    uint64_t sum;
    bool known;
};

static void require(bool truth)
{
    if (!truth)
        abort();
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
    if (profiles == NULL)
        fprintf(stderr, "%s\n", error.text);
    reader = mf_reader_new(&mf_record_default_limits, &error);
    require(profiles != NULL && reader != NULL);
}

/* Touches every byte, so that a sanitizer sees a piece of text that points nowhere. */
static uint64_t sum_of(struct mf_slice text)
{
    uint64_t sum = text.length;

    require(text.data != NULL || text.length == 0);
    for (size_t i = 0; i < text.length; i++)
        sum = sum * 31 + (unsigned char)text.data[i];
    return sum;
}

static void check_user(struct mf_slice user)
{
    char again[MF_USER_MAX];
    size_t length = 0;

    require(user.length > 0 && user.length <= MF_USER_MAX);
    require(mf_user_fold(user, again, &length) == MF_SKIP_NONE);
    require(length == user.length && memcmp(again, user.data, length) == 0);
}

static void check_country(const char code[2])
{
    require((code[0] == '\0' && code[1] == '\0') ||
            (code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'));
}

static uint64_t check_event(const struct mf_event *event)
{
    const struct mf_slice texts[] = {
        event->idp,         event->type,       event->tenant,  event->id,        event->dedup,  event->transaction,
        event->correlation, event->session,    event->user_id, event->actor,     event->groups, event->region,
        event->city,        event->as_org,     event->outcome, event->reason,    event->device, event->factor_text,
        event->app,         event->user_agent, event->risk,    event->device_id,
    };
    uint64_t sum = (uint64_t)event->time * 31 + event->kind;

    check_user(event->user);
    check_country(event->country);
    check_country(event->responder_country);
    require(event->time >= 978307200000 && event->time < 253402300800000);
    require(event->kind < MF_N_KINDS && event->factor < MF_N_FACTORS && event->prompts <= 1);
    require(event->source.family == 0 || event->source.family == 4 || event->source.family == 6);
    require(!event->has_coordinates ||
            (event->latitude >= -90 && event->latitude <= 90 && event->longitude >= -180 && event->longitude <= 180));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sum = sum * 31 + sum_of(texts[i]);
    return sum * 31 + sum_of(event->user);
}

static void listen(void *context, const struct mf_reading *reading)
{
    struct outcome *outcome = context;

    outcome->n++;
    outcome->known |= reading->profile != NULL;
    outcome->sum = outcome->sum * 31 + reading->skip + sum_of(reading->unmapped) + sum_of(reading->member);
    require((reading->event == NULL) == (reading->skip != MF_SKIP_NONE));
    if (reading->event == NULL)
        return;
    outcome->events++;
    outcome->sum = outcome->sum * 31 + check_event(reading->event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome first = {0}, second = {0};
    const char *bytes = (const char *)data;

    if (profiles == NULL)
        load_profiles();
    mf_reader_read(reader, profiles, NULL, bytes, size, 1772442877000, listen, &first);
    mf_reader_read(reader, profiles, NULL, bytes, size, 1772442877000, listen, &second);
    require(first.n > 0 && first.n == second.n && first.events == second.events && first.sum == second.sum);
    if (first.known)
        require(mf_profiles_may_know(profiles, bytes, size));
    return 0;
}
