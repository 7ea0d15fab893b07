/* src/inputs.c
 *
 * A fixed part, then what not every event has, then texts. Plain copies, as this is done for every event. */

#include "inputs.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers in the journal are little-endian");

enum {
    JUDGED = 1 << 0,
    INTERACTIVE = 1 << 1,
    PROXY = 1 << 2,
    ANSWER_SOURCE = 1 << 3,
    COORDINATES = 1 << 4,
    PHONE = 1 << 5,
    IGNORED = 1 << 6,
    EGRESS = 1 << 7,
    VPN = 1 << 8,
    TRAVEL = 1 << 9,
    ANONYMIZER = 1 << 10,
    HOME = 1 << 11,
    PERSON = 1 << 12,
    RISK_HIGH = 1 << 13,
    NUMBERED = 1 << 14, /* it may have raised an alert, or opened an incident */
    LEARNED = 1 << 15,  /* whose an id is */
    ALL = (1 << 16) - 1,
};

enum { IDP, ID, CITY, RISK, USER, USER_ID, TEXTS };
static const uint16_t text_max[TEXTS] = {63, MF_EVIDENCE_TEXT - 1, 63, 255, MF_USER_MAX, MF_EVIDENCE_TEXT - 1};

/* No padding: every byte is written. */
struct fixed {
    mf_time time, arrival;
    struct mf_hash user, feed;
    uint64_t delivery;
    uint32_t flags, ticket, session;
    uint32_t group, role, asn;
    uint16_t length[TEXTS];
    uint8_t kind, factor, prompts, type;
    char country[2], responder_country[2], home[2];
    uint8_t family, reserved;
    uint8_t source[16];
};
_Static_assert(sizeof(struct fixed) == 8 * 2 + 16 * 2 + 8 + 4 * 6 + 2 * TEXTS + 4 + 6 + 2 + 16, "no padding");

/* What comes behind it, if the flags say so, in this order. */
struct coordinates {
    double latitude, longitude;
};
struct numbers {
    uint64_t number, incident, campaign;
};

_Static_assert(sizeof(struct fixed) + sizeof(struct coordinates) + sizeof(struct mf_hash) + sizeof(struct numbers) +
                       sizeof(struct mf_id) + 63 * 2 + 255 + MF_USER_MAX + 2 * MF_EVIDENCE_TEXT <
                   MF_ENTRY_MAX,
               "an entry has room for all of it");

/* ---- writing ---- */

static uint32_t flags_of(const struct mf_inputs *inputs)
{
    const struct mf_event *event = inputs->event;
    const struct mf_scene *scene = inputs->scene;
    uint32_t flags = 0;

    flags |= inputs->entered_only ? 0 : JUDGED;
    flags |= event->interactive ? INTERACTIVE : 0;
    flags |= event->proxy ? PROXY : 0;
    flags |= event->answer_source ? ANSWER_SOURCE : 0;
    flags |= event->has_coordinates ? COORDINATES : 0;
    flags |= event->phone.length > 0 ? PHONE : 0;
    flags |= scene->ignored ? IGNORED : 0;
    flags |= scene->egress ? EGRESS : 0;
    flags |= scene->vpn ? VPN : 0;
    flags |= scene->travel ? TRAVEL : 0;
    flags |= scene->anonymizer ? ANONYMIZER : 0;
    flags |= scene->home ? HOME : 0;
    flags |= scene->person != NULL ? PERSON : 0;
    flags |= scene->person != NULL && scene->person->risk_high ? RISK_HIGH : 0;
    flags |= inputs->id.mark != 0 ? LEARNED : 0;
    flags |= inputs->number != 0 || inputs->incident != 0 || inputs->campaign != 0 ? NUMBERED : 0;
    return flags;
}

static unsigned char *put(unsigned char *to, const void *from, size_t length)
{
    if (length > 0)
        memcpy(to, from, length);
    return to + length;
}

/* A text that is too long is cut between characters, as mf_slice_copy() would. */
static size_t cut(struct mf_slice text, size_t max)
{
    size_t length = text.length;

    if (length <= max)
        return length;
    length = max;
    while (length > 0 && ((unsigned char)text.data[length] & 0xC0) == 0x80)
        length--;
    return length;
}

size_t mf_inputs_write(const struct mf_inputs *inputs, bool named, unsigned char bytes[MF_ENTRY_MAX])
{
    const struct mf_event *event = inputs->event;
    const struct mf_slice none = {NULL, 0};
    const struct mf_slice text[TEXTS] = {
        event->idp, event->id, event->city, event->risk, named ? event->user : none, named ? event->user_id : none};
    struct fixed fixed = {
        .time = event->time,
        .arrival = event->arrival,
        .user = inputs->user,
        .feed = inputs->feed,
        .flags = flags_of(inputs),
        .delivery = inputs->marks.delivery,
        .ticket = inputs->marks.ticket,
        .session = inputs->marks.session,
        .group = inputs->group,
        .role = inputs->role,
        .asn = event->asn,
        .kind = (uint8_t)event->kind,
        .factor = (uint8_t)event->factor,
        .prompts = (uint8_t)event->prompts,
        .type = inputs->marks.type,
        .country = {event->country[0], event->country[1]},
        .responder_country = {event->responder_country[0], event->responder_country[1]},
        .family = event->source.family,
    };
    unsigned char *at = bytes + sizeof fixed;

    memcpy(fixed.source, event->source.bytes, sizeof fixed.source);
    if (inputs->scene->person != NULL)
        memcpy(fixed.home, inputs->scene->person->home[0], sizeof fixed.home);
    if (fixed.flags & COORDINATES)
        at = put(at, &(struct coordinates){event->latitude, event->longitude}, sizeof(struct coordinates));
    if (fixed.flags & PHONE)
        at = put(at, &inputs->phone, sizeof inputs->phone);
    if (fixed.flags & NUMBERED)
        at = put(at, &(struct numbers){inputs->number, inputs->incident, inputs->campaign}, sizeof(struct numbers));
    if (fixed.flags & LEARNED)
        at = put(at, &inputs->id, sizeof inputs->id);
    for (unsigned i = 0; i < TEXTS; i++) {
        fixed.length[i] = (uint16_t)cut(text[i], text_max[i]);
        at = put(at, text[i].data, fixed.length[i]);
    }
    memcpy(bytes, &fixed, sizeof fixed);
    return (size_t)(at - bytes);
}

/* ---- reading ---- */

struct bytes {
    const unsigned char *at, *end;
};

static bool take(struct bytes *bytes, void *to, size_t length)
{
    if ((size_t)(bytes->end - bytes->at) < length)
        return false;
    memcpy(to, bytes->at, length);
    bytes->at += length;
    return true;
}

static bool take_text(struct bytes *bytes, size_t length, size_t max, struct mf_slice *text)
{
    if (length > max || (size_t)(bytes->end - bytes->at) < length || memchr(bytes->at, 0, length) != NULL)
        return false;
    *text = (struct mf_slice){length == 0 ? NULL : (const char *)bytes->at, length};
    bytes->at += length;
    return true;
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_country(const char code[2])
{
    return (code[0] == '\0' && code[1] == '\0') || (is_letter(code[0]) && is_letter(code[1]));
}

static bool is_time(mf_time time)
{
    return time >= 0 && time < INT64_C(253402300800000);
}

static bool is_sound(const struct fixed *fixed)
{
    return fixed->kind < MF_N_KINDS && fixed->factor < MF_N_FACTORS && fixed->prompts <= 1 &&
           (fixed->family == 0 || fixed->family == 4 || fixed->family == 6) && is_country(fixed->country) &&
           is_country(fixed->responder_country) && is_country(fixed->home) && is_time(fixed->time) &&
           (fixed->arrival == MF_TIME_NONE || is_time(fixed->arrival)) && (fixed->flags & ~(uint32_t)ALL) == 0 &&
           (fixed->user.lo != 0 || fixed->user.hi != 0);
}

static void unfold(const struct fixed *fixed, struct mf_inputs_read *read)
{
    const uint32_t flags = fixed->flags;

    *read = (struct mf_inputs_read){
        .inputs = {.event = &read->event,
                   .scene = &read->scene,
                   .marks = {fixed->delivery, fixed->ticket, fixed->session, fixed->type},
                   .user = fixed->user,
                   .feed = fixed->feed,
                   .group = fixed->group,
                   .role = fixed->role,
                   .entered_only = (flags & JUDGED) == 0},
        .event = {.kind = (enum mf_kind)fixed->kind,
                  .factor = (enum mf_factor)fixed->factor,
                  .prompts = fixed->prompts,
                  .time = fixed->time,
                  .arrival = fixed->arrival,
                  .interactive = (flags & INTERACTIVE) != 0,
                  .proxy = (flags & PROXY) != 0,
                  .answer_source = (flags & ANSWER_SOURCE) != 0,
                  .has_coordinates = (flags & COORDINATES) != 0,
                  .country = {fixed->country[0], fixed->country[1]},
                  .responder_country = {fixed->responder_country[0], fixed->responder_country[1]},
                  .asn = fixed->asn,
                  .source.family = fixed->family},
        .scene = {.ignored = (flags & IGNORED) != 0,
                  .egress = (flags & EGRESS) != 0,
                  .vpn = (flags & VPN) != 0,
                  .travel = (flags & TRAVEL) != 0,
                  .anonymizer = (flags & ANONYMIZER) != 0,
                  .home = (flags & HOME) != 0,
                  .person = (flags & PERSON) != 0 ? &read->person : NULL},
        .person = {.risk_high = (flags & RISK_HIGH) != 0},
    };
    memcpy(read->event.source.bytes, fixed->source, sizeof read->event.source.bytes);
    memcpy(read->person.home[0], fixed->home, sizeof fixed->home);
    read->event.marks = &read->inputs.marks;
}

static bool read_rest(struct bytes *bytes, const struct fixed *fixed, struct mf_inputs_read *read)
{
    struct mf_event *event = &read->event;
    struct mf_inputs *inputs = &read->inputs;
    struct mf_slice *text[TEXTS] = {&event->idp, &event->id, &event->city, &event->risk, &event->user, &event->user_id};
    struct coordinates coordinates = {0};
    struct numbers numbers = {0};

    if ((fixed->flags & COORDINATES) != 0 && !take(bytes, &coordinates, sizeof coordinates))
        return false;
    if ((fixed->flags & PHONE) != 0 && !take(bytes, &inputs->phone, sizeof inputs->phone))
        return false;
    if ((fixed->flags & NUMBERED) != 0 && !take(bytes, &numbers, sizeof numbers))
        return false;
    if ((fixed->flags & LEARNED) != 0 && (!take(bytes, &inputs->id, sizeof inputs->id) || inputs->id.mark == 0))
        return false;
    for (unsigned i = 0; i < TEXTS; i++)
        if (!take_text(bytes, fixed->length[i], text_max[i], text[i]))
            return false;
    if (!(coordinates.latitude >= -90 && coordinates.latitude <= 90 && coordinates.longitude >= -180 &&
          coordinates.longitude <= 180))
        return false;
    event->latitude = coordinates.latitude;
    event->longitude = coordinates.longitude;
    inputs->number = numbers.number;
    inputs->incident = numbers.incident;
    inputs->campaign = numbers.campaign;
    if (fixed->flags & PHONE) /* which one it is says the hash */
        event->phone = mf_slice_of("phone");
    return bytes->at == bytes->end;
}

bool mf_inputs_read(const unsigned char *entry, size_t length, struct mf_inputs_read *read)
{
    struct bytes bytes = {entry, entry + length};
    struct fixed fixed;

    if (!take(&bytes, &fixed, sizeof fixed) || !is_sound(&fixed))
        return false;
    unfold(&fixed, read);
    return read_rest(&bytes, &fixed, read);
}
