/* tool/event_json.c
 *
 * The members of an event, in the order in which people look for them. */

#include "event_json.h"

#include <string.h>

/* empty pieces of text say nothing and are left out */
static void text(struct mf_output *output, const char *key, struct mf_slice value)
{
    if (value.length > 0)
        mf_json_slice(output, key, value);
}

/* the engine joins them by a byte that no name holds */
static void groups(struct mf_output *output, struct mf_slice joined)
{
    if (joined.length == 0)
        return;
    mf_json_array_begin(output, "groups");
    for (bool more = true; more;) {
        const char *end = memchr(joined.data, 0x1f, joined.length);
        size_t length = end == NULL ? joined.length : (size_t)(end - joined.data);

        mf_json_array_slice(output, (struct mf_slice){joined.data, length});
        more = end != NULL;
        joined = (struct mf_slice){joined.data + length + more, joined.length - length - more};
    }
    mf_json_array_end(output);
}

static void country(struct mf_output *output, const char *key, const char code[2])
{
    if (code[0] != '\0')
        mf_json_slice(output, key, (struct mf_slice){code, 2});
}

static void write_identity(struct mf_output *output, const struct mf_event *event)
{
    text(output, "idp", event->idp);
    mf_json_text(output, "kind", mf_kind_name(event->kind));
    text(output, "user", event->user);
    mf_json_ip(output, "source", &event->source);
    mf_json_time(output, "time", event->time);
    if (event->factor != MF_FACTOR_UNKNOWN)
        mf_json_text(output, "factor", mf_factor_name(event->factor));
    text(output, "outcome", event->outcome);
    text(output, "reason", event->reason);
    mf_json_count(output, "prompts", event->prompts);
    text(output, "id", event->id);
    text(output, "session", event->session);
    text(output, "transaction", event->transaction);
    text(output, "correlation", event->correlation);
    text(output, "tenant", event->tenant);
    text(output, "type", event->type);
    text(output, "user_id", event->user_id);
    text(output, "actor", event->actor);
    groups(output, event->groups);
}

static void write_place(struct mf_output *output, const struct mf_event *event)
{
    country(output, "country", event->country);
    text(output, "region", event->region);
    text(output, "city", event->city);
    if (event->has_coordinates) {
        mf_json_degrees(output, "latitude", event->latitude);
        mf_json_degrees(output, "longitude", event->longitude);
    }
    if (event->asn != 0)
        mf_json_count(output, "asn", event->asn);
    text(output, "as_org", event->as_org);
    if (event->proxy)
        mf_json_bool(output, "proxy", true);
    if (event->answer_source)
        mf_json_bool(output, "answer_source", true);
    mf_json_ip(output, "responder", &event->responder);
    country(output, "responder_country", event->responder_country);
}

static void write_rest(struct mf_output *output, const struct mf_event *event)
{
    text(output, "factor_text", event->factor_text);
    text(output, "device", event->device);
    text(output, "device_id", event->device_id);
    text(output, "phone", event->phone);
    text(output, "app", event->app);
    text(output, "user_agent", event->user_agent);
    text(output, "risk", event->risk);
    if (!event->interactive)
        mf_json_bool(output, "interactive", false);
}

void mf_json_event(struct mf_output *output, const struct mf_event *event)
{
    write_identity(output, event);
    write_place(output, event);
    write_rest(output, event);
}

void mf_json_reading(struct mf_output *output, const struct mf_reading *reading)
{
    if (reading->skip == MF_SKIP_NONE) {
        mf_json_event(output, reading->event);
        return;
    }
    mf_json_text(output, "skip", mf_skip_name(reading->skip));
    mf_json_text(output, "profile", reading->profile);
    mf_json_slice(output, "unmapped", reading->unmapped);
    mf_json_slice(output, "member", reading->member);
}
