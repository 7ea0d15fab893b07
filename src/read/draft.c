/* src/read/draft.c
 *
 * Filling an event field by field. */

#include "read/draft.h"

#include "base/country.h"

/* ---- fields ---- */

struct field {
    enum mf_field_type type;
    size_t offset; /* in struct mf_event */
};

#define AT(member) offsetof(struct mf_event, member)

static const struct field fields[MF_N_FIELDS] = {
    [MF_FIELD_TIME] = {MF_FIELD_IS_TIME, AT(time)},
    [MF_FIELD_USER] = {MF_FIELD_IS_USER, AT(user)},
    [MF_FIELD_USER_ID] = {MF_FIELD_IS_TEXT, AT(user_id)},
    [MF_FIELD_ACTOR] = {MF_FIELD_IS_TEXT, AT(actor)},
    [MF_FIELD_SOURCE] = {MF_FIELD_IS_IP, AT(source)},
    [MF_FIELD_RESPONDER] = {MF_FIELD_IS_IP, AT(responder)},
    [MF_FIELD_COUNTRY] = {MF_FIELD_IS_COUNTRY, AT(country)},
    [MF_FIELD_RESPONDER_COUNTRY] = {MF_FIELD_IS_COUNTRY, AT(responder_country)},
    [MF_FIELD_ASN] = {MF_FIELD_IS_ASN, AT(asn)},
    [MF_FIELD_LATITUDE] = {MF_FIELD_IS_DEGREES, AT(latitude)},
    [MF_FIELD_LONGITUDE] = {MF_FIELD_IS_DEGREES, AT(longitude)},
    [MF_FIELD_PROXY] = {MF_FIELD_IS_BOOL, AT(proxy)},
    [MF_FIELD_INTERACTIVE] = {MF_FIELD_IS_BOOL, AT(interactive)},
    [MF_FIELD_ANSWER_SOURCE] = {MF_FIELD_IS_BOOL, AT(answer_source)},
    [MF_FIELD_PROMPTS] = {MF_FIELD_IS_PROMPTS, AT(prompts)},
    [MF_FIELD_FACTOR] = {MF_FIELD_IS_FACTOR, AT(factor)},
    [MF_FIELD_FACTOR_TEXT] = {MF_FIELD_IS_TEXT, AT(factor_text)},
    [MF_FIELD_TENANT] = {MF_FIELD_IS_TEXT, AT(tenant)},
    [MF_FIELD_ID] = {MF_FIELD_IS_TEXT, AT(id)},
    [MF_FIELD_TRANSACTION] = {MF_FIELD_IS_TEXT, AT(transaction)},
    [MF_FIELD_CORRELATION] = {MF_FIELD_IS_TEXT, AT(correlation)},
    [MF_FIELD_SESSION] = {MF_FIELD_IS_TEXT, AT(session)},
    [MF_FIELD_TYPE] = {MF_FIELD_IS_TEXT, AT(type)},
    [MF_FIELD_OUTCOME] = {MF_FIELD_IS_TEXT, AT(outcome)},
    [MF_FIELD_REASON] = {MF_FIELD_IS_TEXT, AT(reason)},
    [MF_FIELD_DEVICE] = {MF_FIELD_IS_TEXT, AT(device)},
    [MF_FIELD_DEVICE_ID] = {MF_FIELD_IS_TEXT, AT(device_id)},
    [MF_FIELD_PHONE] = {MF_FIELD_IS_TEXT, AT(phone)},
    [MF_FIELD_APP] = {MF_FIELD_IS_TEXT, AT(app)},
    [MF_FIELD_USER_AGENT] = {MF_FIELD_IS_TEXT, AT(user_agent)},
    [MF_FIELD_RISK] = {MF_FIELD_IS_TEXT, AT(risk)},
    [MF_FIELD_GROUPS] = {MF_FIELD_IS_TEXT, AT(groups)},
    [MF_FIELD_REGION] = {MF_FIELD_IS_TEXT, AT(region)},
    [MF_FIELD_CITY] = {MF_FIELD_IS_TEXT, AT(city)},
    [MF_FIELD_AS_ORG] = {MF_FIELD_IS_TEXT, AT(as_org)},
};

const char *const mf_field_names[MF_N_FIELDS] = {
    [MF_FIELD_TIME] = "time",
    [MF_FIELD_USER] = "user",
    [MF_FIELD_USER_ID] = "user_id",
    [MF_FIELD_ACTOR] = "actor",
    [MF_FIELD_SOURCE] = "source",
    [MF_FIELD_RESPONDER] = "responder",
    [MF_FIELD_COUNTRY] = "country",
    [MF_FIELD_RESPONDER_COUNTRY] = "responder_country",
    [MF_FIELD_ASN] = "asn",
    [MF_FIELD_LATITUDE] = "latitude",
    [MF_FIELD_LONGITUDE] = "longitude",
    [MF_FIELD_PROXY] = "proxy",
    [MF_FIELD_INTERACTIVE] = "interactive",
    [MF_FIELD_ANSWER_SOURCE] = "answer_source",
    [MF_FIELD_PROMPTS] = "prompts",
    [MF_FIELD_FACTOR] = "factor",
    [MF_FIELD_FACTOR_TEXT] = "factor_text",
    [MF_FIELD_TENANT] = "tenant",
    [MF_FIELD_ID] = "id",
    [MF_FIELD_TRANSACTION] = "transaction",
    [MF_FIELD_CORRELATION] = "correlation",
    [MF_FIELD_SESSION] = "session",
    [MF_FIELD_TYPE] = "type",
    [MF_FIELD_OUTCOME] = "outcome",
    [MF_FIELD_REASON] = "reason",
    [MF_FIELD_DEVICE] = "device",
    [MF_FIELD_DEVICE_ID] = "device_id",
    [MF_FIELD_PHONE] = "phone",
    [MF_FIELD_APP] = "app",
    [MF_FIELD_USER_AGENT] = "user_agent",
    [MF_FIELD_RISK] = "risk",
    [MF_FIELD_GROUPS] = "groups",
    [MF_FIELD_REGION] = "region",
    [MF_FIELD_CITY] = "city",
    [MF_FIELD_AS_ORG] = "as_org",
};

enum mf_field_type mf_field_type(enum mf_field field)
{
    return fields[field].type;
}

static void *member_of(struct mf_event *event, enum mf_field field)
{
    return (char *)event + fields[field].offset;
}

/* ---- the login ---- */

/* Bytes of the UTF-8 sequence at `p`, by its first byte. The text is known to be valid. */
static size_t sequence_length(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Control characters (C0, DEL, C1), those that turn the direction of text (U+202A..202E, U+2066..2069), and
 * U+FFFD, which stands for something that could not be read: two logins could look, or become, the same. */
static bool is_deceptive(const unsigned char *p)
{
    if (p[0] < 0x80)
        return p[0] < 0x20 || p[0] == 0x7F;
    if (p[0] == 0xC2)
        return p[1] < 0xA0;
    if (p[0] == 0xE2)
        return (p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) || (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9);
    return p[0] == 0xEF && p[1] == 0xBF && p[2] == 0xBD;
}

static bool is_placeholder(struct mf_slice text)
{
    static const struct {
        size_t length;
        const char *text;
    } words[] = {
#define WORD(text) {sizeof(text) - 1, text}
        WORD("unknown"), WORD("null"), WORD("(null)"),    WORD("none"),      WORD("n/a"),
        WORD("nil"),     WORD("-"),    WORD("undefined"), WORD("anonymous"), WORD("not available"),
#undef WORD
    };

    static const unsigned lengths = 1U << 1 | 1U << 3 | 1U << 4 | 1U << 6 | 1U << 7 | 1U << 9 | 1U << 13;

    if (text.length > 13 || (lengths >> text.length & 1) == 0)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].length == text.length &&
            mf_slice_equal_nocase(text, (struct mf_slice){words[i].text, words[i].length}))
            return true;
    return false;
}

/* Eight bytes of printable ASCII, letters made small; false when there is any other byte. No sum below leaves its byte. */
static inline bool fold_eight(const char *from, char *to)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t word, capitals;

    memcpy(&word, from, sizeof word);
    if (((word | (word + ones)) & tops) != 0 || ((word + ones * (0x80 - 0x20)) & tops) != tops)
        return false;
    capitals = (word + ones * (0x80 - 'A')) & ~(word + ones * (0x7F - 'Z')) & tops;
    word |= capitals >> 2; /* the bit that tells small letters */
    memcpy(to, &word, sizeof word);
    return true;
}

/* The same for all of a text. Its last eight bytes may be done twice. */
static bool fold_plain(struct mf_slice text, char *to)
{
    if (text.length < 8)
        return false;
    for (size_t i = 0; i + 8 <= text.length; i += 8)
        if (!fold_eight(text.data + i, to + i))
            return false;
    return fold_eight(text.data + text.length - 8, to + text.length - 8);
}

enum mf_skip mf_user_fold(struct mf_slice text, char *user, size_t *length)
{
    text = mf_slice_trim(text);
    if (text.length == 0 || is_placeholder(text))
        return MF_SKIP_NO_USER;
    if (text.length > MF_USER_MAX)
        return MF_SKIP_BAD_USER;
    if (fold_plain(text, user)) {
        *length = text.length;
        return MF_SKIP_NONE;
    }
    for (size_t i = 0; i < text.length; i += sequence_length((unsigned char)text.data[i]))
        if (is_deceptive((const unsigned char *)text.data + i))
            return MF_SKIP_BAD_USER;
    for (size_t i = 0; i < text.length; i++)
        user[i] = mf_ascii_lower(text.data[i]);
    *length = text.length;
    return MF_SKIP_NONE;
}

/* ---- numbers, without a locale ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "48.856944": a JSON number, or the same as text. Digits behind the 17th do not count; a value written with an
 * exponent is a hair's breadth from the equator or the meridian, and reads as 0. */
static bool parse_degrees(struct mf_slice text, double *out)
{
    static const double scale[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    bool negative = text.length > 0 && text.data[0] == '-';
    size_t i = negative, whole, behind = 0;
    int64_t value = 0; /* 17 digits at most */

    for (; i < text.length && is_digit(text.data[i]) && i < 4; i++)
        value = value * 10 + (text.data[i] - '0');
    whole = i - negative;
    if (whole == 0 || whole > 3)
        return false;
    if (i < text.length && text.data[i] == '.') {
        for (i++; i < text.length && is_digit(text.data[i]) && whole + behind < 17; i++, behind++)
            value = value * 10 + (text.data[i] - '0');
        while (i < text.length && is_digit(text.data[i]))
            i++;
    }
    if (text.length - i >= 3 && mf_ascii_lower(text.data[i]) == 'e' && text.data[i + 1] == '-')
        value = 0;
    else if (i < text.length)
        return false;
    *out = (double)(negative ? -value : value) / scale[behind];
    return true;
}

/* "3741", "AS3741", "AS3741 Example Telecom" */
static bool parse_asn(struct mf_slice text, uint32_t *out)
{
    uint64_t value = 0;
    bool named = text.length > 0 && !is_digit(text.data[0]) && mf_slice_starts_nocase(text, mf_slice_of("AS"));
    size_t i = named ? 2 : 0, first = i;

    for (; i < text.length && is_digit(text.data[i]) && value <= UINT32_MAX; i++)
        value = value * 10 + (unsigned)(text.data[i] - '0');
    if (i == first || value == 0 || value > UINT32_MAX || (i < text.length && text.data[i] != ' '))
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool parse_bool(struct mf_slice text, bool *out)
{
    bool yes = text.length == 4 || (text.length == 1 && text.data[0] == '1');

    if (text.length == 4 || text.length == 5) {
        if (!mf_slice_equal_nocase(text, (struct mf_slice){yes ? "true" : "false", text.length}))
            return false;
    } else if (text.length != 1 || (!yes && text.data[0] != '0')) {
        return false;
    }
    *out = yes;
    return true;
}

/* ---- a draft ---- */

void mf_draft_init(struct mf_draft *draft, struct mf_slice idp, mf_time arrival)
{
    memset(draft, 0, sizeof *draft);
    draft->event.time = MF_TIME_NONE;
    draft->event.arrival = arrival;
    draft->event.interactive = true;
    draft->event.idp = idp;
    draft->user = MF_SKIP_NO_USER;
    draft->time = MF_SKIP_NO_TIME;
}

/* Not merged into one function for all types, which would save and restore for each what only some need. */
#define APART static __attribute__((noinline))

/* "EXAMPLE\ada" or "ada@example.com" as "ada", where the profile says so of that domain. Once: what is left is a login. */
static struct mf_slice without_domain(const struct mf_spec *spec, struct mf_slice text)
{
    const char *bar = text.length == 0 ? NULL : memchr(text.data, '\\', text.length);
    const char *sign = text.length == 0 ? NULL : memrchr(text.data, '@', text.length);

    for (unsigned i = 0; i < spec->n_strips; i++) {
        const struct mf_strip *strip = &spec->strip[i];
        const char *at = strip->behind ? sign : bar, *end = text.data + text.length;
        struct mf_slice before, behind;

        if (at == NULL)
            continue;
        before = (struct mf_slice){text.data, (size_t)(at - text.data)};
        behind = (struct mf_slice){at + 1, (size_t)(end - at - 1)};
        if (before.length == 0 || behind.length == 0)
            continue;
        if (strip->domain.length == 0 || mf_slice_equal_nocase(strip->domain, strip->behind ? behind : before))
            return strip->behind ? before : behind;
    }
    return text;
}

APART enum mf_skip read_user(const struct mf_spec *spec, struct mf_scene *scene, struct mf_slice *user)
{
    struct mf_slice text;
    bool doubt = false;
    enum mf_skip skip = MF_SKIP_NO_USER;

    *user = (struct mf_slice){NULL, 0};
    for (unsigned at = 0; skip == MF_SKIP_NO_USER && mf_spec_next(spec, scene, &at, &text, &doubt);) {
        char *room = mf_scene_room(scene, MF_USER_MAX);
        size_t length;

        if (doubt)
            return MF_SKIP_DUPLICATE_KEY;
        if (spec->n_strips > 0)
            text = without_domain(spec, mf_slice_trim(text));
        skip = room == NULL ? MF_SKIP_TOO_LARGE : mf_user_fold(text, room, &length);
        if (skip == MF_SKIP_NONE)
            *user = mf_scene_keep(scene, length);
    }
    return doubt ? MF_SKIP_DUPLICATE_KEY : skip;
}

/* The first form that fits; `east` is for texts that do not say it. */
static bool parse_form(unsigned times, struct mf_slice text, mf_time east, mf_time *out)
{
    return ((times & MF_TIME_ISO) != 0 && mf_time_parse_iso(text, east, out)) ||
           ((times & MF_TIME_EPOCH) != 0 && mf_time_parse_epoch(text, out)) ||
           ((times & MF_TIME_SLASHES) != 0 && mf_time_parse_slashes(text, east, out)) ||
           ((times & MF_TIME_MONTH) != 0 && mf_time_parse_month(text, east, out)) ||
           ((times & MF_TIME_WITHIN) != 0 && mf_time_find_iso(text, east, out));
}

/* Where clocks change, the distance depends on the time. A text that says its own comes out the same whatever it is told. */
static bool parse_in_zone(const struct mf_spec *spec, struct mf_slice text, mf_time *out)
{
    mf_time local, other;

    if (!parse_form(spec->times, text, 0, &local))
        return false;
    *out = local;
    if (parse_form(spec->times, text, -MF_HOUR, &other) && other == local + MF_HOUR)
        *out = mf_zone_utc(spec->zone, local);
    return true;
}

static bool parse_time(const struct mf_spec *spec, struct mf_slice text, mf_time arrival, mf_time *out)
{
    const struct mf_zone *zone = spec->zone;
    mf_time east = zone == NULL || arrival == MF_TIME_NONE ? 0 : mf_zone_east(zone, arrival);

    if (zone == NULL || mf_zone_is_fixed(zone) ? parse_form(spec->times, text, zone == NULL ? 0 : zone->first, out)
                                               : parse_in_zone(spec, text, out))
        return true;
    return (spec->times & MF_TIME_CLOCK) != 0 && mf_time_find_clock(text, east, arrival, out);
}

APART enum mf_skip read_time(const struct mf_spec *spec, struct mf_scene *scene, mf_time arrival, mf_time *out)
{
    const mf_time since = 978307200 * MF_SECOND, before = 253402300800 * MF_SECOND; /* 2001 up to the end of 9999 */
    struct mf_slice text;
    bool doubt = false;
    enum mf_skip skip = MF_SKIP_NO_TIME;

    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt); skip = MF_SKIP_BAD_TIME) {
        mf_time time;

        if (doubt)
            return MF_SKIP_DUPLICATE_KEY;
        if (parse_time(spec, text, arrival, &time) && time >= since && time < before) {
            *out = time;
            return MF_SKIP_NONE;
        }
    }
    return doubt ? MF_SKIP_DUPLICATE_KEY : skip;
}

/* An address that cannot be read is no address; the next source may have one. */
APART enum mf_skip read_ip(const struct mf_spec *spec, struct mf_scene *scene, struct mf_ip *out)
{
    struct mf_slice text;
    bool doubt = false;

    *out = (struct mf_ip){0};
    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt);) {
        if (doubt)
            return MF_SKIP_DUPLICATE_KEY;
        if (mf_ip_parse(text, out))
            return MF_SKIP_NONE;
    }
    return doubt ? MF_SKIP_DUPLICATE_KEY : MF_SKIP_NONE;
}

/* The code that a text stands for. Feeds name the same few countries again and again. */
static bool find_country(struct mf_scene *scene, struct mf_slice text, char *code)
{
    struct mf_country *known;

    if (text.length == 0 || text.length > sizeof known->text)
        return mf_country_code(text, code);
    known = &scene->country[(text.length + 7U * (unsigned char)text.data[0] +
                             31U * (unsigned char)text.data[text.length / 2]) %
                            MF_SCENE_COUNTRIES];
    if (known->length != text.length || memcmp(known->text, text.data, text.length) != 0) {
        if (!mf_country_code(text, code))
            return false;
        known->length = (uint8_t)text.length;
        memcpy(known->text, text.data, text.length);
        memcpy(known->code, code, sizeof known->code);
    }
    memcpy(code, known->code, sizeof known->code);
    return true;
}

APART void read_country(const struct mf_spec *spec, struct mf_scene *scene, char *out)
{
    struct mf_slice text;
    bool doubt = false;

    out[0] = out[1] = '\0';
    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt);)
        if (find_country(scene, mf_slice_trim(text), out))
            return;
}

APART void read_asn(const struct mf_spec *spec, struct mf_scene *scene, uint32_t *out)
{
    struct mf_slice text;
    bool doubt = false;

    *out = 0;
    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt);)
        if (parse_asn(text, out))
            return;
}

APART bool read_degrees(const struct mf_spec *spec, struct mf_scene *scene, double limit, double *out)
{
    struct mf_slice text;
    bool doubt = false;
    double value;

    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt);) {
        if (parse_degrees(text, &value) && value >= -limit && value <= limit) {
            *out = value;
            return true;
        }
    }
    return false;
}

APART void read_bool(const struct mf_spec *spec, struct mf_scene *scene, bool *out)
{
    struct mf_slice text;
    bool doubt = false;

    if (spec->map != NULL || spec->fallback.length > 0) {
        parse_bool(mf_spec_text(spec, scene, ','), out);
        return;
    }
    for (unsigned at = 0; mf_spec_next(spec, scene, &at, &text, &doubt);)
        if (parse_bool(text, out))
            return;
}

APART void read_code(struct mf_draft *draft, enum mf_field field, const struct mf_spec *spec, struct mf_scene *scene)
{
    const struct mf_map_entry *entry = mf_spec_entry(spec, scene);
    struct mf_constant constant = {.field = field, .code = entry == NULL ? 0 : entry->code};

    mf_draft_set(draft, &constant);
}

/* All but texts. */
APART void read_other(struct mf_draft *draft, enum mf_field field, const struct mf_spec *spec, struct mf_scene *scene)
{
    struct mf_event *event = &draft->event;
    void *member = member_of(event, field);

    switch (fields[field].type) {
    case MF_FIELD_IS_TIME:
        draft->time = read_time(spec, scene, event->arrival, &event->time);
        break;
    case MF_FIELD_IS_USER:
        draft->user = read_user(spec, scene, &event->user);
        break;
    case MF_FIELD_IS_TEXT:
        break;
    case MF_FIELD_IS_IP:
        if (field == MF_FIELD_SOURCE)
            draft->source = read_ip(spec, scene, &event->source);
        else
            read_ip(spec, scene, member);
        break;
    case MF_FIELD_IS_COUNTRY:
        read_country(spec, scene, member);
        break;
    case MF_FIELD_IS_ASN:
        read_asn(spec, scene, &event->asn);
        break;
    case MF_FIELD_IS_DEGREES:
        if (field == MF_FIELD_LATITUDE)
            draft->has_latitude = read_degrees(spec, scene, 90, &event->latitude);
        else
            draft->has_longitude = read_degrees(spec, scene, 180, &event->longitude);
        break;
    case MF_FIELD_IS_BOOL:
        read_bool(spec, scene, member);
        break;
    case MF_FIELD_IS_PROMPTS:
    case MF_FIELD_IS_FACTOR:
        read_code(draft, field, spec, scene);
        break;
    }
}

/* Most texts are what the first source says, as it says it. */
static inline struct mf_slice read_text(enum mf_field field, const struct mf_spec *spec, struct mf_scene *scene)
{
    if (spec->map == NULL && !spec->fold && spec->n_captures == 0 && spec->n_sources > 0) {
        struct mf_slice text = mf_source_text(&spec->source[0], scene);

        if (text.length > 0)
            return text;
    }
    return mf_spec_text(spec, scene, field == MF_FIELD_GROUPS ? '\x1f' : ',');
}

static inline void read_field(struct mf_draft *draft, enum mf_field field, const struct mf_spec *spec,
                              struct mf_scene *scene)
{
    if (fields[field].type != MF_FIELD_IS_TEXT)
        read_other(draft, field, spec, scene);
    else
        *(struct mf_slice *)member_of(&draft->event, field) = read_text(field, spec, scene);
}

void mf_draft_read(struct mf_draft *draft, enum mf_field field, const struct mf_spec *spec, struct mf_scene *scene)
{
    read_field(draft, field, spec, scene);
}

void mf_draft_read_all(struct mf_draft *draft, uint64_t wanted, const struct mf_spec *const *spec,
                       struct mf_scene *scene)
{
    for (; wanted != 0; wanted &= wanted - 1) {
        unsigned field = (unsigned)__builtin_ctzll(wanted);

        read_field(draft, (enum mf_field)field, spec[field], scene);
    }
}

void mf_draft_drop(struct mf_draft *draft, enum mf_field field)
{
    struct mf_event *event = &draft->event;
    void *member = member_of(event, field);

    switch (fields[field].type) {
    case MF_FIELD_IS_TEXT:
        *(struct mf_slice *)member = (struct mf_slice){NULL, 0};
        break;
    case MF_FIELD_IS_IP:
        *(struct mf_ip *)member = (struct mf_ip){0};
        if (field == MF_FIELD_SOURCE)
            draft->source = MF_SKIP_NONE;
        break;
    case MF_FIELD_IS_COUNTRY:
        memset(member, 0, sizeof event->country);
        break;
    case MF_FIELD_IS_ASN:
        event->asn = 0;
        break;
    case MF_FIELD_IS_DEGREES:
        draft->has_latitude = draft->has_longitude = false;
        break;
    case MF_FIELD_IS_BOOL:
        *(bool *)member = field == MF_FIELD_INTERACTIVE;
        break;
    case MF_FIELD_IS_PROMPTS:
        event->prompts = 0;
        break;
    case MF_FIELD_IS_FACTOR:
        event->factor = MF_FACTOR_UNKNOWN;
        break;
    default: /* the loader lets no other be dropped */
        break;
    }
}

void mf_draft_set(struct mf_draft *draft, const struct mf_constant *constant)
{
    void *member = member_of(&draft->event, constant->field);

    switch (fields[constant->field].type) {
    case MF_FIELD_IS_TEXT:
        *(struct mf_slice *)member = constant->text;
        break;
    case MF_FIELD_IS_BOOL:
        *(bool *)member = constant->code != 0;
        break;
    case MF_FIELD_IS_PROMPTS:
        draft->event.prompts = (unsigned)constant->code;
        break;
    case MF_FIELD_IS_FACTOR:
        draft->event.factor = (enum mf_factor)constant->code;
        break;
    default: /* the loader lets no other be set */
        break;
    }
}

static enum mf_skip blame(enum mf_skip skip, enum mf_field field, struct mf_slice *member)
{
    *member = mf_slice_of(mf_field_names[field]);
    return skip;
}

enum mf_skip mf_draft_finish(struct mf_draft *draft, struct mf_slice *member)
{
    struct mf_event *event = &draft->event;

    if (draft->user != MF_SKIP_NONE)
        return blame(draft->user, MF_FIELD_USER, member);
    if (draft->time != MF_SKIP_NONE)
        return blame(draft->time, MF_FIELD_TIME, member);
    if (draft->source != MF_SKIP_NONE)
        return blame(draft->source, MF_FIELD_SOURCE, member);
    /* 0, 0 lies in the sea and is what IdPs write when they do not know */
    event->has_coordinates =
        draft->has_latitude && draft->has_longitude &&
        (event->latitude < 0 || event->latitude > 0 || event->longitude < 0 || event->longitude > 0);
    if (!event->has_coordinates)
        event->latitude = event->longitude = 0;
    return MF_SKIP_NONE;
}

/* ---- back to text ---- */

static struct mf_slice decimal(struct mf_scene *scene, mf_time time)
{
    enum { DIGITS = 20 };
    char digits[DIGITS], *room = mf_scene_room(scene, DIGITS);
    size_t n = 0;

    if (room == NULL || time < 0)
        return (struct mf_slice){NULL, 0};
    do
        digits[DIGITS - ++n] = (char)('0' + time % 10);
    while ((time /= 10) > 0);
    memcpy(room, digits + DIGITS - n, n);
    return mf_scene_keep(scene, n);
}

struct mf_slice mf_draft_text(const struct mf_draft *draft, enum mf_field field, struct mf_scene *scene)
{
    const struct mf_event *event = &draft->event;

    switch (fields[field].type) {
    case MF_FIELD_IS_TIME:
        return decimal(scene, event->time);
    case MF_FIELD_IS_FACTOR:
        return mf_slice_of(mf_factor_name(event->factor));
    case MF_FIELD_IS_USER:
    case MF_FIELD_IS_TEXT:
        return *(const struct mf_slice *)(const void *)((const char *)event + fields[field].offset);
    default:
        return (struct mf_slice){NULL, 0};
    }
}
