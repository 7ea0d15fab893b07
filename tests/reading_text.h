/* tests/reading_text.h
 *
 * Everything that a reader says of one message, as one text: two readers that say the same give the same text. */

#ifndef MF_TESTS_READING_TEXT_H
#define MF_TESTS_READING_TEXT_H

#include "read/profile.h"

#include <stdio.h>
#include <string.h>

struct reading_text {
    char text[1 << 17];
    size_t length;
};

static inline void reading_put(struct reading_text *to, const char *name, struct mf_slice value)
{
    size_t room = sizeof to->text - to->length;
    int n;

    if (value.data == NULL)
        return;
    n = snprintf(to->text + to->length, room, " %s[%zu]=", name, value.length);
    if (n < 0 || (size_t)n + value.length + 1 >= room)
        return; /* both texts end here */
    memcpy(to->text + to->length + n, value.data, value.length);
    to->length += (size_t)n + value.length;
}

static inline void reading_put_event(struct reading_text *to, const struct mf_event *event)
{
    const struct {
        const char *name;
        struct mf_slice text;
    } texts[] = {
        {"idp", event->idp},
        {"type", event->type},
        {"tenant", event->tenant},
        {"id", event->id},
        {"dedup", event->dedup},
        {"transaction", event->transaction},
        {"session", event->session},
        {"correlation", event->correlation},
        {"user", event->user},
        {"user_id", event->user_id},
        {"actor", event->actor},
        {"groups", event->groups},
        {"region", event->region},
        {"city", event->city},
        {"as_org", event->as_org},
        {"outcome", event->outcome},
        {"reason", event->reason},
        {"factor_text", event->factor_text},
        {"device", event->device},
        {"device_id", event->device_id},
        {"app", event->app},
        {"user_agent", event->user_agent},
        {"risk", event->risk},
        {"country", {event->country, 2}},
        {"phone", {event->responder_country, 2}},
    };
    char numbers[400], source[MF_IP_TEXT], responder[MF_IP_TEXT];
    int n;

    mf_ip_format(&event->source, source);
    mf_ip_format(&event->responder, responder);
    n = snprintf(numbers, sizeof numbers, "%d %d %u %lld %lld %d%d%d%d %.17g %.17g %u %s %s", (int)event->kind,
                 (int)event->factor, event->prompts, (long long)event->time, (long long)event->arrival,
                 event->interactive, event->proxy, event->answer_source, event->has_coordinates, event->latitude,
                 event->longitude, event->asn, source, responder);
    reading_put(to, "numbers", (struct mf_slice){numbers, (size_t)n});
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        reading_put(to, texts[i].name, texts[i].text);
}

static inline void reading_listen(void *context, const struct mf_reading *reading)
{
    struct reading_text *to = context;

    reading_put(to, "\nskip", mf_slice_of(mf_skip_name(reading->skip)));
    reading_put(to, "profile", mf_slice_of(reading->profile));
    reading_put(to, "unmapped", reading->unmapped);
    reading_put(to, "member", reading->member);
    if (reading->event != NULL)
        reading_put_event(to, reading->event);
}

static inline void reading_of(struct mf_reader *reader, const struct mf_profiles *profiles, const char *bytes,
                              size_t length, struct reading_text *to)
{
    to->length = 0;
    mf_reader_read(reader, profiles, NULL, bytes, length, 1767225600000, reading_listen, to);
}

static inline bool reading_same(const struct reading_text *a, const struct reading_text *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

#endif
