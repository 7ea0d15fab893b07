/* src/read/reader.c
 *
 * One message -> readings. Which profile knows it, what records are in it, which rules hit, and only then the
 * fields of what those rules say. */

#include "read/profile.h"

#include <stdlib.h>

#include "read/mould.h"
#include "read/profile_set.h"
#include "read/rival.h"
#include "read/shell.h"
#include "read/token.h"

_Static_assert((int)MF_PROFILE_SET_MAX <= (int)MF_MOULD_OWNERS, "each profile has its own moulds");

/* Elements of foreach rules that can hit in one record; a sign-in has a handful of steps. What is beyond is
 * counted, and not looked at. */
enum { ELEMENT_HITS_MAX = 64 };

/* And those that one rule looks at. */
enum { ELEMENTS_MAX = 128 };

/* No record is shorter: it tells a user, a time and what happened. Shorter elements of an envelope are none. How many elements
 * are looked at, or told to be none, in all: so many, and one more for every so many bytes of the message. */
enum { RECORD_MIN = 32, LOOKS_FREE = 64, BYTES_A_LOOK = 128 };

/* Bytes of one message that forms read, one after the other, when markers of many are in it. */
enum { TEXTS_MAX = 3 * MF_FORM_TEXT_MAX };

/* After so many messages in a row that fit no mould, only one of some is tried. */
enum { STRANGERS_MANY = 32, STRANGERS_TRIED = 8 };

enum { NO_GUESS = MF_PROFILE_SET_MAX };

/* A container's log line, read by a shipper, read by another, exported. All that is taken out of shells may have as many bytes
 * as the message, and these: containers' lines are cut at 16 KB, and have some escapes. */
enum { SHELLS_MAX = 4, INSIDE_MORE = 2 * 16384 };

/* Elements of one array that are read as messages of their own. Profiles that may be tried in vain on them and on what they were
 * in: so many, and more for each element. */
enum { PARTS_MAX = 128, IN_VAIN_FREE = 24, IN_VAIN_A_PART = 1 };

/* Whether other profiles could know what is written so costs as much as many records, and is asked only where it pays: a
 * record that fits a mould earns a little of it. */
enum { RIVALS_COST = 128, CREDIT_MAX = 32 * RIVALS_COST };

struct hit {
    const struct mf_rule *rule;
    uint32_t element; /* MF_NO_NODE without foreach */
};

struct mf_reader {
    struct mf_record record;
    struct mf_scene scene;
    struct mf_draft base;  /* the profile's fields, read once a record */
    struct mf_draft draft; /* and what a rule makes of them */
    struct hit hit[MF_RULES_MAX + ELEMENT_HITS_MAX];
    unsigned n_hits, n_element_hits, n_beyond;
    bool ignored;
    bool hurry;     /* see mf_reader_hurry() */
    bool remembers; /* see mf_reader_remember() */
    struct mf_moulds *moulds;
    unsigned strangers; /* messages in a row that fit none */
    unsigned credit;    /* for asking about rivals */
    uint64_t set;       /* the mark of the profiles by which moulds were learned */
    unsigned guess;     /* the profile whose record was the last that no other can know; NO_GUESS: none */
    struct mf_decisions decisions;
    char *inside;                    /* room for a message that another one only carries */
    struct mf_slice part[PARTS_MAX]; /* of an array of them */
    bool overfull;                   /* a record of this message was too much to be looked through */
    uint32_t looks;                  /* at elements of envelopes that are left for this message */
    const struct mf_decision *known; /* what was decided before of a record like the one in hand; NULL: nothing */
};

/* What one call of mf_reader_read() is about. */
struct job {
    struct mf_reader *reader;
    const struct mf_profiles *profiles;
    const char *only;
    const struct mf_profile *profile; /* the one that is tried, or reads */
    bool whole;                       /* JSON begins the message, and is not looked for behind words */
    bool is_part;                     /* the message is an element of an array of them */
    bool is_inner;                    /* what is on the tape is a part of what was parsed */
    size_t room;                      /* for texts that are taken out of shells */
    unsigned in_vain;                 /* profiles that were tried and did not know what they were tried on */
    mf_time arrival;
    mf_reading_fn fn;
    void *context;
};

struct message {
    const char *bytes;
    size_t length;
};

struct mf_reader *mf_reader_new(const struct mf_record_limits *limits, struct mf_error *error)
{
    struct mf_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL) {
        mf_error_set(error, "no memory for a reader");
        return NULL;
    }
    if (mf_record_init(&reader->record, limits, error) != 0) {
        free(reader);
        return NULL;
    }
    reader->remembers = true;
    reader->guess = NO_GUESS;
    reader->credit = CREDIT_MAX;
    reader->moulds = mf_moulds_new();
    reader->inside = malloc((size_t)limits->size);
    if (reader->moulds == NULL || reader->inside == NULL) {
        mf_reader_free(reader);
        mf_error_set(error, "no memory for a reader");
        return NULL;
    }
    return reader;
}

void mf_reader_free(struct mf_reader *reader)
{
    if (reader == NULL)
        return;
    mf_moulds_free(reader->moulds);
    mf_record_fini(&reader->record);
    free(reader->inside);
    free(reader);
}

void mf_reader_hurry(struct mf_reader *reader, bool hurry)
{
    reader->hurry = hurry;
}

void mf_reader_remember(struct mf_reader *reader, bool remember)
{
    reader->remembers = remember;
}

/* ---- telling ---- */

static void tell_skip(const struct job *job, enum mf_skip skip, struct mf_slice unmapped, struct mf_slice member)
{
    struct mf_reading reading = {.skip = skip, .unmapped = unmapped, .member = member};

    reading.profile = job->profile == NULL ? NULL : job->profile->name;
    job->fn(job->context, &reading);
}

static void tell_reason(const struct job *job, enum mf_skip skip)
{
    tell_skip(job, skip, (struct mf_slice){NULL, 0}, (struct mf_slice){NULL, 0});
}

static void tell_doubt(const struct job *job, struct mf_slice member)
{
    tell_skip(job, MF_SKIP_DUPLICATE_KEY, (struct mf_slice){NULL, 0}, member);
}

static void tell_event(const struct job *job, const struct mf_event *event)
{
    struct mf_reading reading = {.skip = MF_SKIP_NONE, .profile = job->profile->name, .event = event};

    job->fn(job->context, &reading);
}

/* ---- which rules hit ---- */

static void note_hit(struct mf_reader *reader, const struct mf_rule *rule, uint32_t element)
{
    if (rule->ignore)
        reader->ignored = true;
    else
        reader->hit[reader->n_hits++] = (struct hit){rule, element};
}

static bool try_element(struct mf_reader *reader, const struct mf_rule *rule, uint32_t element)
{
    bool holds;

    mf_scene_enter(&reader->scene, rule->element, element);
    holds = mf_condition_holds(&rule->when, &reader->scene);
    if (!holds)
        return false;
    if (reader->n_element_hits == ELEMENT_HITS_MAX) {
        reader->n_beyond += !rule->ignore;
        return true;
    }
    reader->n_element_hits += !rule->ignore;
    note_hit(reader, rule, element);
    return true;
}

static bool try_elements(struct mf_reader *reader, const struct mf_rule *rule)
{
    const struct mf_record *record = &reader->record;
    struct mf_ref ref = {.element = false, .path = (uint16_t)rule->foreach};
    uint32_t list = reader->scene.record.found[rule->foreach];
    bool any = false;

    mf_scene_trust(&reader->scene, ref);
    if (list == MF_NO_NODE)
        return false;
    if (record->nodes[list].type != MF_NODE_ARRAY)
        return try_element(reader, rule, list);
    uint32_t at = mf_record_child(record, list);
    for (unsigned left = ELEMENTS_MAX; at != MF_NO_NODE && left > 0; left--) {
        if (try_element(reader, rule, at)) {
            any = true;
            if (rule->once)
                return true;
        }
        at = mf_record_sibling(record, list, at);
    }
    reader->n_beyond += at != MF_NO_NODE && !rule->ignore; /* what was not looked at is told as one */
    return any;
}

static bool try_rule(struct mf_reader *reader, const struct mf_rule *rule)
{
    if (rule->is_foreach)
        return try_elements(reader, rule);
    if (!mf_condition_holds(&rule->when, &reader->scene))
        return false;
    note_hit(reader, rule, MF_NO_NODE);
    return true;
}

static void try_rules(struct mf_reader *reader, const struct mf_profile *profile)
{
    for (unsigned i = 0; i < profile->n_rules; i++)
        if (try_rule(reader, &profile->rule[i]) && !profile->rule[i].also)
            return;
}

static void keep_decision(struct mf_reader *reader, const struct mf_profile *profile)
{
    struct mf_decision decision = {.mark = profile->mark, .ignored = reader->ignored};

    if (!reader->remembers || !profile->inquiry.is_plain || reader->n_hits > MF_DECISION_HITS)
        return;
    for (; decision.n_hits < reader->n_hits; decision.n_hits++)
        decision.hit[decision.n_hits] = (uint8_t)(reader->hit[decision.n_hits].rule - profile->rule);
    mf_decisions_keep(&reader->decisions, &decision, &profile->inquiry, &reader->scene);
}

static void find_hits(struct mf_reader *reader, const struct mf_profile *profile)
{
    const struct mf_decision *known = reader->known;

    reader->n_hits = reader->n_element_hits = reader->n_beyond = 0;
    reader->ignored = false;
    if (known == NULL) {
        try_rules(reader, profile);
        keep_decision(reader, profile);
        return;
    }
    reader->ignored = known->ignored;
    for (unsigned i = 0; i < known->n_hits; i++)
        note_hit(reader, &profile->rule[known->hit[i]], MF_NO_NODE);
}

/* ---- what they say ---- */

static void read_base(const struct job *job)
{
    struct mf_reader *reader = job->reader;
    uint64_t wanted = reader->hurry ? job->profile->judged : job->profile->all, replaced = UINT64_MAX;

    for (unsigned i = 0; i < reader->n_hits; i++)
        replaced &= reader->hit[i].rule->replaces;
    mf_draft_init(&reader->base, job->profile->idp, job->arrival);
    mf_draft_read_all(&reader->base, wanted & ~replaced, job->profile->field, &reader->scene);
}

/* The fields of a list, joined; absent when they are, or when they do not fit. */
static struct mf_slice join_fields(struct mf_reader *reader, const struct mf_draft *draft,
                                   const struct mf_field_list *list, char separator, const char *last)
{
    struct mf_scene *scene = &reader->scene;
    struct mf_slice text[MF_N_FIELDS + 1];
    size_t length = 0, used = 0;
    unsigned n = list->n;
    char *room;

    for (unsigned i = 0; i < n; i++) {
        text[i] = mf_draft_text(draft, list->field[i], scene);
        length += text[i].length;
    }
    if (length == 0)
        return (struct mf_slice){NULL, 0};
    if (last != NULL)
        text[n++] = mf_slice_of(last);
    length += n + (last == NULL ? 0 : strlen(last));
    room = mf_scene_room(scene, length);
    if (room == NULL)
        return (struct mf_slice){NULL, 0};
    for (unsigned i = 0; i < n; i++) {
        if (used > 0 && (text[i].length > 0 || last != NULL))
            room[used++] = separator;
        if (text[i].length > 0)
            memcpy(room + used, text[i].data, text[i].length);
        used += text[i].length;
    }
    return mf_scene_keep(scene, used);
}

static enum mf_skip make_event(const struct job *job, struct mf_draft *draft, const struct hit *hit,
                               struct mf_slice *member)
{
    struct mf_reader *reader = job->reader;
    const struct mf_rule *rule = hit->rule;
    enum mf_skip skip;

    if (hit->element != MF_NO_NODE)
        mf_scene_enter(&reader->scene, rule->element, hit->element);
    for (unsigned i = 0; i < rule->n_overrides; i++)
        mf_draft_read(draft, rule->override[i].field, rule->override[i].spec, &reader->scene);
    for (unsigned i = 0; i < rule->drop.n; i++)
        mf_draft_drop(draft, rule->drop.field[i]);
    for (unsigned i = 0; i < rule->n_constants; i++)
        mf_draft_set(draft, &rule->constant[i]);
    draft->event.kind = rule->kind;
    skip = mf_draft_finish(draft, member);
    if (skip == MF_SKIP_NONE && reader->scene.element.overflow)
        skip = MF_SKIP_TOO_LARGE;
    if (skip == MF_SKIP_NONE)
        draft->event.dedup = join_fields(reader, draft, &rule->dedup, '\x1f', mf_kind_name(rule->kind));
    return skip;
}

static void tell_hits(const struct job *job)
{
    struct mf_reader *reader = job->reader;
    enum mf_skip first = MF_SKIP_NONE;
    struct mf_slice first_member = {NULL, 0};
    bool told = false;

    for (unsigned i = 0; i < reader->n_hits; i++) {
        size_t text_used = reader->scene.text_used;
        struct mf_slice member = {NULL, 0};
        struct mf_draft *draft = &reader->base;
        enum mf_skip skip;

        if (i + 1 < reader->n_hits) {
            draft = &reader->draft;
            *draft = reader->base;
        }
        skip = make_event(job, draft, &reader->hit[i], &member);
        if (skip == MF_SKIP_NONE) {
            tell_event(job, &draft->event);
            told = true;
        } else if (first == MF_SKIP_NONE) {
            first = skip;
            first_member = member;
        }
        reader->scene.text_used = text_used;
    }
    if (!told)
        tell_skip(job, first, (struct mf_slice){NULL, 0}, first_member);
    for (unsigned i = 0; i < reader->n_beyond; i++)
        tell_reason(job, MF_SKIP_TOO_MANY_EVENTS);
}

/* Ignored and unmapped records are counted by the vendor's words for them. */
static void tell_no_hit(const struct job *job)
{
    struct mf_reader *reader = job->reader;
    struct mf_field_list by = job->profile->unmapped;
    struct mf_slice words;

    if (reader->ignored && by.n > 1)
        by.n = 1;
    mf_draft_init(&reader->base, job->profile->idp, job->arrival);
    for (unsigned i = 0; i < by.n; i++)
        if (job->profile->field[by.field[i]] != NULL)
            mf_draft_read(&reader->base, by.field[i], job->profile->field[by.field[i]], &reader->scene);
    words = join_fields(reader, &reader->base, &by, ':', NULL);
    tell_skip(job, reader->ignored ? MF_SKIP_IGNORE : MF_SKIP_UNMAPPED, words, (struct mf_slice){NULL, 0});
}

/* The scene is open at the record, and the profile's `match` holds. */
static void read_record(const struct job *job)
{
    struct mf_reader *reader = job->reader;
    struct mf_scene *scene = &reader->scene;

    if (scene->doubt.data == NULL)
        find_hits(reader, job->profile);
    if (scene->doubt.data != NULL) {
        tell_doubt(job, scene->doubt);
        return;
    }
    if (reader->n_hits > 0)
        read_base(job);
    if (scene->record.overflow || scene->element.overflow)
        tell_reason(job, MF_SKIP_TOO_LARGE);
    else if (reader->n_hits > 0)
        tell_hits(job);
    else
        tell_no_hit(job);
}

/* ---- which records are in it ---- */

/* What the profile's paths find is known; whether it knows the record? */
static bool open_scene(const struct job *job)
{
    const struct mf_profile *profile = job->profile;
    struct mf_reader *reader = job->reader;

    mf_scene_open(&reader->scene, &reader->record, profile->paths, &profile->nulls, profile->named, profile->n_named);
    reader->known = NULL;
    if (reader->remembers)
        reader->known = mf_decisions_find(&reader->decisions, profile->mark, &profile->inquiry, &reader->scene);
    return reader->known != NULL || mf_condition_holds(&profile->match, &reader->scene);
}

static bool open_record(const struct job *job, uint32_t node)
{
    struct mf_reader *reader = job->reader;
    struct mf_lookup *lookup = &reader->scene.record;

    if (reader->record.nodes[node].type != MF_NODE_OBJECT)
        return false;
    if (!mf_paths_resolve(job->profile->paths, &reader->record, node, lookup->found, lookup->twice))
        reader->overfull = true;
    return open_scene(job);
}

/* Opens the record, and afterwards gives back the room on the tape and in the scratch buffer that it took: a long
 * envelope of records with embedded documents must not run out of either. */
static bool read_element(const struct job *job, uint32_t node, bool tell)
{
    struct mf_record *record = &job->reader->record;
    uint32_t n_nodes = record->n_nodes, scratch_used = record->scratch_used;
    bool known = open_record(job, node);

    if (known && tell)
        read_record(job);
    mf_record_cut(record, n_nodes, scratch_used);
    return known;
}

static bool may_be_record(const struct mf_record *record, uint32_t node)
{
    return record->nodes[node].type == MF_NODE_OBJECT && record->nodes[node].length >= RECORD_MIN;
}

/* Is any element a record of the profile? */
static bool knows_one(const struct job *job, uint32_t list)
{
    const struct mf_record *record = &job->reader->record;
    uint32_t *looks = &job->reader->looks;

    if (record->nodes[list].type != MF_NODE_ARRAY)
        return read_element(job, list, false);
    for (uint32_t at = mf_record_child(record, list); at != MF_NO_NODE; at = mf_record_sibling(record, list, at)) {
        if (!may_be_record(record, at))
            continue;
        if (*looks == 0)
            return false;
        --*looks;
        if (read_element(job, at, false))
            return true;
    }
    return false;
}

static void read_list(const struct job *job, uint32_t list)
{
    const struct mf_record *record = &job->reader->record;

    if (record->nodes[list].type != MF_NODE_ARRAY) {
        read_element(job, list, true);
        return;
    }
    for (uint32_t at = mf_record_child(record, list); at != MF_NO_NODE; at = mf_record_sibling(record, list, at))
        if (!(may_be_record(record, at) && read_element(job, at, true)) && job->reader->looks > 0) {
            job->reader->looks--;
            tell_reason(job, MF_SKIP_NOT_IDP);
        }
}

static bool read_envelope(const struct job *job)
{
    const struct mf_profile *profile = job->profile;
    uint32_t found[MF_UNWRAPS_MAX];
    bool twice[MF_UNWRAPS_MAX];

    if (profile->n_unwraps == 0)
        return false;
    mf_paths_resolve(profile->envelope, &job->reader->record, 0, found, twice);
    for (unsigned i = 0; i < profile->n_unwraps; i++) {
        unsigned path = profile->unwrap[i];

        if (found[path] == MF_NO_NODE || !knows_one(job, found[path]))
            continue;
        if (twice[path])
            tell_doubt(job, mf_paths_text(profile->envelope, path));
        else
            read_list(job, found[path]);
        return true;
    }
    return false;
}

static bool is_wanted(const struct mf_profile *profile, const char *only)
{
    return only == NULL || strcmp(profile->name, only) == 0;
}

static bool is_in_doubt(const struct mf_lookup *lookup)
{
    for (unsigned i = 0; i < mf_paths_count(lookup->paths); i++)
        if (lookup->twice[i])
            return true;
    return false;
}

static enum mf_mould_note ask_about_rivals(const struct job *job, unsigned owner)
{
    struct mf_reader *reader = job->reader;

    if (reader->credit < RIVALS_COST || !mf_moulds_may_learn(reader->moulds, &reader->record))
        return MF_MOULD_UNASKED;
    reader->credit -= RIVALS_COST;
    return mf_profiles_know_alone(job->profiles, owner, &reader->record) ? MF_MOULD_ALONE : MF_MOULD_SHARED;
}

/* The message is the record that was just opened. */
static void remember(const struct job *job, unsigned owner)
{
    struct mf_reader *reader = job->reader;

    if (reader->remembers && !job->is_inner && !is_in_doubt(&reader->scene.record))
        mf_moulds_learn(reader->moulds, owner, job->profile->paths, &reader->record, reader->scene.record.found,
                        ask_about_rivals(job, owner));
}

static bool fit(struct job *job, const struct message *message, unsigned owner, enum mf_mould_note *note)
{
    struct mf_reader *reader = job->reader;
    struct mf_lookup *lookup = &reader->scene.record;

    job->profile = job->profiles->profile[owner];
    if (!mf_moulds_fit(reader->moulds, owner, job->profile->paths, &reader->record, message->bytes, message->length,
                       lookup->found, note))
        return false;
    reader->strangers = 0;
    reader->credit += reader->credit < CREDIT_MAX;
    memset(lookup->twice, 0, mf_paths_count(job->profile->paths) * sizeof lookup->twice[0]);
    return true;
}

/* What was noted with moulds holds for one set of profiles. */
static void know_profiles(struct mf_reader *reader, const struct mf_profiles *profiles)
{
    if (reader->set == profiles->mark)
        return;
    reader->set = profiles->mark;
    reader->guess = NO_GUESS;
    mf_moulds_note_none(reader->moulds);
}

/* Reads a message that is written as an earlier one was which no other profile can know: whose markers are in it, beside
 * one that stands in such a name, makes no difference. `tried` becomes the profile whose moulds it does not fit. */
static bool try_guess(struct job *job, const struct message *message, unsigned *tried)
{
    struct mf_reader *reader = job->reader;
    unsigned owner = reader->guess;
    enum mf_mould_note note;

    if (owner == NO_GUESS || !reader->remembers || job->only != NULL || reader->strangers >= STRANGERS_MANY ||
        !mf_record_begins(message->bytes, message->length))
        return false;
    if (!fit(job, message, owner, &note)) {
        *tried = owner;
        return false;
    }
    if (note != MF_MOULD_ALONE || !open_scene(job))
        return false;
    read_record(job);
    return true;
}

/* Reads a message that is written as an earlier one was, without parsing it. Only the first of the marked profiles
 * counts: it would be the first to read the message in any case. */
static bool try_moulds(struct job *job, const struct message *message, uint64_t marked, unsigned tried)
{
    struct mf_reader *reader = job->reader;
    unsigned owner = marked == 0 ? 0 : (unsigned)__builtin_ctzll(marked);
    enum mf_mould_note note;

    if (marked == 0 || !reader->remembers || !is_wanted(job->profiles->profile[owner], job->only))
        return false;
    if (reader->strangers++ >= STRANGERS_MANY && reader->strangers % STRANGERS_TRIED != 0)
        return false;
    if (owner == tried || !fit(job, message, owner, &note))
        return false;
    if (note == MF_MOULD_UNASKED && reader->credit > CREDIT_MAX / 2)
        return false; /* to be parsed, and learned again with an answer */
    if (!open_scene(job))
        return false;
    reader->guess = note == MF_MOULD_ALONE ? owner : reader->guess;
    read_record(job);
    return true;
}

/* Of the marked profiles, the first that knows the message reads it. The record is parsed as JSON. */
static bool try_profiles(struct job *job, uint64_t marked)
{
    for (unsigned i = 0; i < job->profiles->n && marked >> i != 0; i++) {
        job->profile = job->profiles->profile[i];
        if ((marked >> i & 1) == 0 || !is_wanted(job->profile, job->only))
            continue;
        if (open_record(job, 0)) {
            remember(job, i);
            read_record(job);
            return true;
        }
        if (job->reader->overfull)
            return false;
        if (read_envelope(job))
            return true;
        job->in_vain++;
    }
    return false;
}

/* A text as the form that was tried last has read it, and how much more may be read. */
struct parsed {
    const struct mf_form *form;
    uint32_t n_nodes, scratch_used;
    size_t left;
};

/* By the form of the profile that is tried. What came of it the last time is still there if the form is the same; `skip` is
 * what was said of it. */
static enum mf_skip parse_text(const struct job *job, const struct message *message, struct parsed *parsed,
                               enum mf_skip skip)
{
    struct mf_record *record = &job->reader->record;
    const struct mf_form *form = job->profile->form;

    if (parsed->form != NULL && mf_form_is_same(parsed->form, form)) {
        mf_record_cut(record, parsed->n_nodes, parsed->scratch_used);
        return skip;
    }
    if (message->length > parsed->left)
        return MF_SKIP_TOO_LARGE;
    skip = mf_form_parse(record, form, message->bytes, message->length);
    *parsed = (struct parsed){form, record->n_nodes, record->scratch_used, parsed->left - message->length};
    return skip;
}

/* The same for profiles that read text, each in its own form. When none knows the message, `why` tells more than that, if
 * one of them does. */
static bool try_texts(struct job *job, const struct message *message, enum mf_skip *why)
{
    uint64_t marked = job->profiles->textual;
    enum mf_skip fault = MF_SKIP_NONE, skip = MF_SKIP_NONE;
    struct parsed before = {.left = TEXTS_MAX};

    if (marked != 0)
        marked &= mf_markers_find(job->profiles->markers, message->bytes, message->length, false);
    if (marked != 0)
        fault = mf_form_check(message->bytes, message->length);
    for (unsigned i = 0; i < job->profiles->n && marked >> i != 0; i++) {
        job->profile = job->profiles->profile[i];
        if ((marked >> i & 1) == 0 || !is_wanted(job->profile, job->only))
            continue;
        skip = fault != MF_SKIP_NONE ? fault : parse_text(job, message, &before, skip);
        if (skip == MF_SKIP_NONE && open_record(job, 0)) {
            read_record(job);
            return true;
        }
        job->in_vain++;
        if (*why == MF_SKIP_NONE || *why == MF_SKIP_NOT_IDP)
            *why = skip == MF_SKIP_NONE ? MF_SKIP_NOT_IDP : skip;
    }
    return false;
}

/* The message is JSON, and on the tape. */
static bool try_parsed(struct job *job, const struct message *message, uint64_t marked, enum mf_skip *why)
{
    const struct mf_markers *markers = job->profiles->markers;

    /* the marker that comes first is mostly the right one; the others are looked for only when it is not */
    if (try_profiles(job, marked) ||
        (marked != 0 && !job->reader->overfull &&
         try_profiles(job, mf_markers_find(markers, message->bytes, message->length, false) & ~marked)))
        return true;
    *why = job->reader->overfull ? MF_SKIP_TOO_MANY_NODES : MF_SKIP_NOT_IDP;
    return false;
}

static bool try_json(struct job *job, const struct message *message, uint64_t marked, enum mf_skip *why)
{
    *why = mf_record_parse(&job->reader->record, message->bytes, message->length);
    return *why == MF_SKIP_NONE && try_parsed(job, message, marked, why);
}

/* "[2026-03-02 09:14:37,412] type=..." begins like an array and is none. What begins with a brace is JSON, broken or not:
 * the text in a record that was cut is not to be read for itself. */
static bool may_be_text(const struct message *message)
{
    struct mf_slice text = mf_slice_trim((struct mf_slice){message->bytes, message->length});

    return text.length > 0 && text.data[0] == '[';
}

/* Text comes before what looks like JSON in it: who can put a brace into a line of text must not choose who reads it. */
static bool try_both(struct job *job, const struct message *message, uint64_t marked, enum mf_skip *why)
{
    bool begins = mf_record_begins(message->bytes, message->length);
    enum mf_skip as_text = MF_SKIP_NONE;

    if (!begins && try_texts(job, message, &as_text))
        return true;
    if (!begins && job->whole) {
        *why = as_text == MF_SKIP_NONE ? MF_SKIP_NO_JSON : as_text;
        return false;
    }
    if (try_json(job, message, marked, why))
        return true;
    if (begins && *why == MF_SKIP_BAD_JSON && may_be_text(message) && try_texts(job, message, &as_text))
        return true;
    if (!begins && as_text != MF_SKIP_NONE && *why != MF_SKIP_TRUNCATED)
        *why = as_text;
    return false;
}

/* The receiver writes a control character as a number sign and three digits: a line that somebody ended with CR and LF arrives
 * with the first of them at its end. */
static size_t without_line_end(const char *bytes, size_t length)
{
    static const char cr[] = {'#', '0', '1', '5'};

    while (length > 0 && (bytes[length - 1] == '\r' || bytes[length - 1] == '\n'))
        length--;
    return length >= sizeof cr && memcmp(bytes + length - sizeof cr, cr, sizeof cr) == 0 ? length - sizeof cr : length;
}

/* Why no profile read the message; MF_SKIP_NONE when one did. */
static enum mf_skip read_message(struct job *job, const struct message *message)
{
    struct mf_reader *reader = job->reader;
    unsigned tried = NO_GUESS;
    uint64_t marked;
    enum mf_skip why = MF_SKIP_NONE;

    if (try_guess(job, message, &tried))
        return MF_SKIP_NONE;
    marked = mf_markers_find(job->profiles->markers, message->bytes, message->length, true);
    if (try_moulds(job, message, marked, tried))
        return MF_SKIP_NONE;
    job->profile = NULL;
    reader->overfull = false;
    reader->record.n_nodes = 0;
    reader->looks = LOOKS_FREE + (uint32_t)(message->length / BYTES_A_LOOK);
    if (marked == 0 && reader->hurry)
        why = message->length > 0 && memchr(message->bytes, '{', message->length) != NULL ? MF_SKIP_NOT_IDP
                                                                                          : MF_SKIP_NO_JSON;
    else if (try_both(job, message, marked, &why))
        return MF_SKIP_NONE;
    return why;
}

/* ---- what others carry ---- */

/* It may overwrite what it was in, but nothing behind it. */
static struct mf_slice decode_inside(struct mf_reader *reader, struct mf_slice text)
{
    uintptr_t from = (uintptr_t)text.data - (uintptr_t)reader->inside;
    char *out = reader->inside + (from < reader->record.limits.size ? from : 0);

    return (struct mf_slice){out, mf_token_decode(text.data, text.data + text.length, out)};
}

static enum mf_skip read_carried(struct job *job, const struct message *message, unsigned shells);

/* The elements, as they are written: reading one overwrites the tape. */
static unsigned collect_parts(struct mf_reader *reader, uint32_t list, bool *more)
{
    const struct mf_record *record = &reader->record;
    uint32_t at = mf_record_child(record, list);
    unsigned n = 0;

    for (; at != MF_NO_NODE && n < PARTS_MAX; at = mf_record_sibling(record, list, at))
        reader->part[n++] = mf_record_raw(record, at);
    *more = at != MF_NO_NODE;
    return n;
}

static bool reads_part(struct job *job, struct mf_slice part, unsigned shells)
{
    return part.length >= RECORD_MIN && part.data[0] == '{' &&
           mf_markers_find(job->profiles->markers, part.data, part.length, true) != 0 &&
           read_carried(job, &(struct message){part.data, part.length}, shells) == MF_SKIP_NONE;
}

/* Each element of the array is a message of its own. None of them known: neither is the array. */
static enum mf_skip read_parts(struct job *job, uint32_t list, unsigned shells)
{
    bool more;
    unsigned n = collect_parts(job->reader, list, &more), n_unknown = 0, i = 0;

    job->is_part = true;
    for (; i < n && job->in_vain < IN_VAIN_FREE + IN_VAIN_A_PART * i; i++)
        n_unknown += !reads_part(job, job->reader->part[i], shells);
    job->is_part = false;
    job->profile = NULL;
    job->reader->record.n_nodes = 0; /* what is on it is an element's */
    if (n_unknown == i)
        return MF_SKIP_NOT_IDP;
    while (n_unknown-- > 0)
        tell_reason(job, MF_SKIP_NOT_IDP);
    if (more || i < n)
        tell_reason(job, MF_SKIP_TOO_MANY_EVENTS);
    return MF_SKIP_NONE;
}

/* An object was parsed with what it stands in. */
static enum mf_skip read_object(struct job *job, uint32_t node)
{
    struct mf_record *record = &job->reader->record;
    struct mf_slice text = mf_record_raw(record, node);
    struct message message = {text.data, text.length};
    enum mf_skip why = MF_SKIP_NONE;

    mf_record_enter(record, node);
    job->is_inner = true;
    try_parsed(job, &message, mf_markers_find(job->profiles->markers, message.bytes, message.length, true), &why);
    job->is_inner = false;
    return why;
}

static bool takes_room(struct job *job, size_t length, unsigned shells)
{
    if (length > job->room || (shells < SHELLS_MAX - 1 && length > INSIDE_MORE))
        return false;
    job->room -= length;
    return true;
}

static enum mf_skip read_text(struct job *job, struct mf_shell shell, unsigned shells)
{
    struct mf_slice text = mf_record_raw(&job->reader->record, shell.node);
    enum mf_skip why;

    if (!takes_room(job, text.length, shells))
        return MF_SKIP_TOO_LARGE;
    text = decode_inside(job->reader, text);
    job->whole = shell.whole;
    why = read_message(job, &(struct message){text.data, without_line_end(text.data, text.length)});
    job->whole = false;
    if (why == MF_SKIP_NO_JSON || (why == MF_SKIP_BAD_JSON && !mf_record_begins(text.data, text.length)))
        return MF_SKIP_NOT_IDP; /* words about a record */
    return why;
}

/* The same for what the message just read, which no profile knows, carries. */
static enum mf_skip read_inside(struct job *job, unsigned shells)
{
    struct mf_reader *reader = job->reader;
    struct mf_shell shell = {MF_NO_NODE, false};

    if (reader->record.n_nodes > 0)
        shell = mf_shell_open(&reader->record, job->profiles);
    if (shell.node == MF_NO_NODE)
        return MF_SKIP_NOT_IDP;
    switch (reader->record.nodes[shell.node].type) {
    case MF_NODE_STRING:
        return read_text(job, shell, shells);
    case MF_NODE_OBJECT:
        return read_object(job, shell.node);
    default:
        return job->is_part ? MF_SKIP_NOT_IDP : read_parts(job, shell.node, shells);
    }
}

/* Reads the message, or what it carries so many shells deep. */
static enum mf_skip read_carried(struct job *job, const struct message *message, unsigned shells)
{
    enum mf_skip why = read_message(job, message);

    for (; shells > 0 && why == MF_SKIP_NOT_IDP; shells--)
        why = read_inside(job, shells - 1);
    return why;
}

void mf_reader_read(struct mf_reader *reader, const struct mf_profiles *profiles, const char *only, const char *bytes,
                    size_t length, mf_time arrival, mf_reading_fn fn, void *context)
{
    struct job job = {
        .reader = reader, .profiles = profiles, .only = only, .arrival = arrival, .fn = fn, .context = context};
    struct message message = {bytes, without_line_end(bytes, length)};
    enum mf_skip why;

    know_profiles(reader, profiles);
    job.room = length + INSIDE_MORE;
    why = read_carried(&job, &message, SHELLS_MAX);
    if (why == MF_SKIP_NONE)
        return;
    job.profile = NULL;
    tell_reason(&job, why);
}
