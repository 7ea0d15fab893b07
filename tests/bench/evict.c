/* tests/bench/evict.c
 *
 * Who is forgotten while invented names flood the stream: ways to choose, side by side, on one seeded stream.
 *
 *   evict [INVENTED [APART [WAY]]]     so many invented names (1,000,000), so many events between two prompts of a victim
 *                                      (50,000), and one way alone ("the table")
 *
 * 200,000 people log in by Zipf's law; there is room for 20,000. A share of the stream are names that nobody ever saw: with one
 * failed login, with one prompt, or with two or three prompts some seconds apart. Victims are prompted meanwhile, and are detected
 * at the fifth prompt that is remembered: half of them have logged in before, half are new; half have had two prompts
 * before the flood. The last row is the table as it is (src/memory/table.c), the others are models with a record for
 * each user that holds everything, that is, with more room for recent activity than the table has. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <math.h>

#include "memory/observe.h"
#include "memory/order.h"
#include "memory/table.h"

enum {
    PEOPLE = 200000,
    ROOM = 20000,
    VICTIMS = 64,
    DETECTED_AT = 5,
    GIVEN_UP_AT = 12, /* prompts of a victim */
    WARM_UP = 600000, /* logins before the flood */
    LOOKED_AT = 32,
    BEHIND = 3000, /* names between two prompts of an invented one */
};

enum sort { LOGIN, FAILED_LOGIN, PROMPT };

/* One remembered user of the models. */
struct record {
    uint32_t key;
    unsigned prompts;
    bool used, established, touched;
    uint8_t hits;
};

struct way {
    const char *name;
    int (*open)(void);
    void (*close)(void);
    /* An event of the user: how many of its prompts are remembered now, and whether it was known as one who logged in. */
    unsigned (*see)(uint32_t key, enum sort sort, mf_time now, bool *known);
    uint64_t (*lost)(void); /* users who had logged in and were forgotten, so far */
};

static uint64_t random_state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static void *take(size_t n, size_t size)
{
    void *memory = calloc(n, size);

    if (memory == NULL) {
        fprintf(stderr, "evict: not enough memory\n");
        exit(2);
    }
    return memory;
}

/* ---- what the models share: a record for each key, found by a table of keys (they are numbers here) ---- */

static uint32_t *slot_of, n_keys; /* 0: none */
static struct record *record;
static uint32_t n_records, hand;
static uint64_t established_lost;
static struct mf_order order;

static int models_open(void)
{
    slot_of = take(n_keys, sizeof *slot_of);
    record = take(ROOM, sizeof *record);
    n_records = hand = 0;
    return mf_order_init(&order, ROOM);
}

static void models_close(void)
{
    free(slot_of);
    free(record);
    mf_order_fini(&order);
}

static void forget(uint32_t slot)
{
    established_lost += record[slot].established;
    slot_of[record[slot].key] = 0;
    mf_order_remove(&order, slot);
    record[slot].used = false;
}

static uint32_t put(uint32_t key, uint32_t slot)
{
    record[slot] = (struct record){.key = key, .used = true};
    slot_of[key] = slot + 1;
    return slot;
}

static unsigned note(struct record *user, enum sort sort, bool *known)
{
    *known = user->established;
    user->established |= sort == LOGIN;
    user->prompts += sort == PROMPT;
    return user->prompts;
}

/* ---- least recently used ---- */

static unsigned lru_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    uint32_t slot = slot_of[key] - 1;

    (void)now;
    if (slot_of[key] == 0) {
        slot = n_records < ROOM ? n_records++ : mf_order_first(&order, 0);
        if (record[slot].used)
            forget(slot);
        put(key, slot);
    }
    mf_order_append(&order, slot, 0);
    return note(&record[slot], sort, known);
}

/* ---- CLOCK ---- */

static uint32_t clock_victim(void)
{
    for (;; hand = (hand + 1) % ROOM) {
        if (!record[hand].touched)
            break;
        record[hand].touched = false;
    }
    uint32_t slot = hand;
    hand = (hand + 1) % ROOM;
    return slot;
}

static unsigned see_in_place(uint32_t key, enum sort sort, uint32_t (*victim)(void), bool *known)
{
    uint32_t slot = slot_of[key] - 1;

    if (slot_of[key] != 0)
        record[slot].touched = true;
    else {
        slot = n_records < ROOM ? n_records++ : victim();
        if (record[slot].used)
            forget(slot);
        put(key, slot);
    }
    return note(&record[slot], sort, known);
}

static unsigned clock_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    (void)now;
    return see_in_place(key, sort, clock_victim, known);
}

/* ---- CLOCK by worth: of 32 at the hand the one that is least to lose ---- */

static uint32_t worth_victim(void)
{
    uint32_t victim = hand;
    unsigned least = 8;

    for (unsigned i = 0; i < LOOKED_AT && least > 0; i++, hand = (hand + 1) % ROOM) {
        struct record *user = &record[hand];
        unsigned worth = (unsigned)user->established * 4 + (unsigned)(user->prompts > 0) * 2 + (unsigned)user->touched;
        if (worth < least) {
            least = worth;
            victim = hand;
        }
        user->touched = false;
    }
    return victim;
}

static unsigned worth_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    (void)now;
    return see_in_place(key, sort, worth_victim, known);
}

/* ---- SIEVE (Zhang et al., NSDI 2024) ---- */

static uint32_t sieve_at = MF_NOBODY;

static int sieve_open(void)
{
    sieve_at = MF_NOBODY;
    return models_open();
}

static uint32_t sieve_victim(void)
{
    for (;;) {
        if (sieve_at == MF_NOBODY)
            sieve_at = mf_order_first(&order, 0);
        uint32_t slot = sieve_at;
        sieve_at = mf_order_next(&order, slot);
        if (!record[slot].touched)
            return slot;
        record[slot].touched = false;
    }
}

static unsigned sieve_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    bool is_new = slot_of[key] == 0;
    unsigned prompts = see_in_place(key, sort, sieve_victim, known);

    (void)now;
    if (is_new)
        mf_order_append(&order, slot_of[key] - 1, 0);
    return prompts;
}

/* ---- CLOCK behind a doorkeeper: a record at the second sight only; the sketch counts prompts, and hands them over ---- */

enum { ROWS = 4, COLUMNS = 65536, SIGHTS = ROOM * 8 /* then all counts are halved */ };

static uint8_t seen[ROWS][COLUMNS], prompted[ROWS][COLUMNS];
static uint32_t n_sights;

static int door_open(void)
{
    memset(seen, 0, sizeof seen);
    memset(prompted, 0, sizeof prompted);
    n_sights = 0;
    return models_open();
}

static unsigned sketch(uint8_t table[ROWS][COLUMNS], uint32_t key, bool add)
{
    unsigned least = 255;

    for (unsigned row = 0; row < ROWS; row++) {
        uint64_t hash = (key + 1) * (0x9e3779b97f4a7c15U + row * 0xbf58476d1ce4e5bAU);
        uint8_t *count = &table[row][hash >> 40 & (COLUMNS - 1)];
        least = *count < least ? *count : least;
        *count = (uint8_t)(*count + (add && *count < 255));
    }
    return least + add;
}

static void age_sketch(void)
{
    if (++n_sights < SIGHTS)
        return;
    n_sights = 0;
    for (unsigned row = 0; row < ROWS; row++)
        for (unsigned column = 0; column < COLUMNS; column++) {
            seen[row][column] /= 2;
            prompted[row][column] /= 2;
        }
}

static unsigned door_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    (void)now;
    if (slot_of[key] != 0 || n_records < ROOM)
        return see_in_place(key, sort, clock_victim, known);
    age_sketch();
    unsigned sights = sketch(seen, key, true), prompts = sketch(prompted, key, sort == PROMPT);
    *known = false;
    if (sights < 2)
        return prompts;
    see_in_place(key, sort, clock_victim, known);
    record[slot_of[key] - 1].prompts = prompts;
    return prompts;
}

/* ---- S3-FIFO (Yang et al., SOSP 2023): a small queue, a main one, and keys that left the small one lately ---- */

enum { SMALL, MAIN, SMALL_ROOM = ROOM / 10 };

static uint32_t ghost[ROOM], ghost_next;
static uint8_t *is_ghost;

static int s3_open(void)
{
    memset(ghost, 0, sizeof ghost);
    ghost_next = 0;
    is_ghost = take(n_keys, 1);
    return models_open();
}

static void s3_close(void)
{
    free(is_ghost);
    models_close();
}

static uint32_t s3_victim(void)
{
    for (;;) {
        bool small = mf_order_length(&order, SMALL) > SMALL_ROOM;
        uint32_t slot = mf_order_first(&order, small ? SMALL : MAIN);
        struct record *user = &record[slot];
        if (small && user->hits > 1) {
            user->hits = 0;
            mf_order_append(&order, slot, MAIN);
        } else if (!small && user->hits > 0) {
            user->hits--;
            mf_order_append(&order, slot, MAIN);
        } else {
            if (small) {
                is_ghost[ghost[ghost_next]] = 0;
                ghost[ghost_next] = user->key;
                is_ghost[user->key] = 1;
                ghost_next = (ghost_next + 1) % ROOM;
            }
            return slot;
        }
    }
}

static unsigned s3_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    uint32_t slot = slot_of[key] - 1;

    (void)now;
    if (slot_of[key] != 0)
        record[slot].hits = (uint8_t)(record[slot].hits < 3 ? record[slot].hits + 1 : 3);
    else {
        slot = n_records < ROOM ? n_records++ : s3_victim();
        if (record[slot].used)
            forget(slot);
        put(key, slot);
        mf_order_append(&order, slot, is_ghost[key] ? MAIN : SMALL);
        is_ghost[key] = 0;
    }
    return note(&record[slot], sort, known);
}

/* ---- the table ---- */

static struct mf_table *table;
static uint64_t n_established; /* made so far */

static struct mf_hash hash_of(uint32_t key)
{
    struct mf_hash_key secret = {1, 2};

    return mf_hash_bytes(&secret, &key, sizeof key);
}

/* Those whose login the table has forgotten. */
static uint64_t table_lost(void)
{
    uint64_t kept = 0;
    struct mf_shard *shard;

    for (uint32_t key = 0; key < PEOPLE + VICTIMS; key++) {
        struct mf_user *user = mf_table_find(table, hash_of(key), &shard);
        if (user == NULL)
            continue;
        kept += mf_user_is_established(user);
        mf_table_close(shard);
    }
    return n_established - kept;
}

static uint64_t models_lost(void)
{
    return established_lost;
}

static int table_open(void)
{
    struct mf_table_conf conf = {.users = ROOM - ROOM / 7, .recent = ROOM / 8, .traces = ROOM * 8, .deliveries = 1024};

    n_established = 0;
    table = mf_table_new(&conf, NULL);
    return table == NULL ? -1 : 0;
}

static void table_close(void)
{
    mf_table_free(table);
}

static unsigned table_see(uint32_t key, enum sort sort, mf_time now, bool *known)
{
    static const struct mf_time_conf times = {20 * MF_MINUTE, 5 * MF_MINUTE, 5 * MF_MINUTE};
    static const enum mf_kind kinds[] = {MF_SESSION_START, MF_LOGIN_FAILURE, MF_MFA_CHALLENGE};
    struct mf_event event = {.time = now, .kind = kinds[sort], .factor = MF_FACTOR_PUSH, .prompts = sort == PROMPT};
    struct mf_source_values home = {1, 2, key + 1};
    struct mf_sighting sighting;
    struct mf_shard *shard;
    struct mf_place place = {0};
    struct mf_user *user = mf_table_open(table, hash_of(key), now, &shard);

    *known = false;
    if (user == NULL)
        return 0;
    *known = mf_user_is_established(user);
    mf_user_observe(user, &event, &home, &place, &times, &sighting);
    if (sort == LOGIN) {
        n_established += !*known;
        mf_user_learn(user, &home, now);
    }
    unsigned prompts = user->recent->n_attempts;
    mf_table_close(shard);
    return prompts;
}

/* ---- the stream ---- */

static double *zipf; /* cumulative */

static void make_zipf(void)
{
    double sum = 0;

    zipf = take(PEOPLE, sizeof *zipf);
    for (unsigned i = 0; i < PEOPLE; i++)
        zipf[i] = sum += 1.0 / (i + 1);
    for (unsigned i = 0; i < PEOPLE; i++)
        zipf[i] /= sum;
}

static uint32_t somebody(void)
{
    double u = (double)(next_random() >> 11) / 9007199254740992.0;
    uint32_t low = 0, high = PEOPLE - 1;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (zipf[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mix {
    const char *name;
    unsigned percent; /* of the stream are invented */
    enum sort sort;
    unsigned times;
};

struct outcome {
    uint64_t logins, hits, lost;
    unsigned late[2], missed[2]; /* victims with history, new ones */
    unsigned early, worst;
    double ns;
};

struct stream {
    const struct way *way;
    const struct mix *mix;
    mf_time now;
    uint32_t first_victim;
    unsigned prompts[VICTIMS];
    bool detected[VICTIMS];
    bool flooding;
    struct outcome outcome;
};

static void log_in(struct stream *stream)
{
    bool known;

    stream->way->see(somebody(), LOGIN, stream->now++, &known);
    if (stream->flooding) {
        stream->outcome.logins++;
        stream->outcome.hits += known;
    }
}

/* The first half of the victims have logged in before; every other one is prompted before the flood. */
static void prompt(struct stream *stream, unsigned victim)
{
    struct outcome *outcome = &stream->outcome;
    unsigned kind = victim >= VICTIMS / 2;
    bool known;

    if (stream->detected[victim] || stream->prompts[victim] >= GIVEN_UP_AT)
        return;
    stream->prompts[victim]++;
    /* far enough from the last one not to be the same prompt on another device */
    stream->now += 3 * MF_SECOND;
    if (stream->way->see(stream->first_victim + victim, PROMPT, stream->now, &known) >= DETECTED_AT) {
        unsigned at = stream->prompts[victim];
        stream->detected[victim] = true;
        outcome->early += at < DETECTED_AT;
        outcome->late[kind] += at > DETECTED_AT;
        outcome->worst = at > outcome->worst ? at : outcome->worst;
    } else if (stream->prompts[victim] == GIVEN_UP_AT)
        outcome->missed[kind]++;
}

static void warm_up(struct stream *stream)
{
    bool known;

    for (unsigned i = 0; i < WARM_UP; i++)
        log_in(stream);
    for (unsigned victim = 0; victim < VICTIMS / 2; victim++)
        stream->way->see(stream->first_victim + victim, LOGIN, stream->now++, &known);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned victim = 0; victim < VICTIMS; victim += 2)
            prompt(stream, victim);
}

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct outcome run(const struct way *way, const struct mix *mix, uint32_t invented, uint32_t apart)
{
    struct stream stream = {.way = way, .mix = mix, .now = (mf_time)1772409600 * MF_SECOND, .first_victim = PEOPLE};
    uint64_t events = 0;
    bool known;

    random_state = 1;
    established_lost = 0;
    if (way->open() != 0)
        exit(2);
    warm_up(&stream);
    stream.flooding = true;
    stream.outcome.lost = way->lost();
    double start = cpu_seconds();
    for (uint32_t n = 0; n < invented; events++) {
        if (next_random() % 100 >= mix->percent) {
            log_in(&stream);
            n += mix->percent == 0;
        } else {
            for (uint32_t i = 0; i < mix->times && n >= i * BEHIND; i++)
                way->see(PEOPLE + VICTIMS + n - i * BEHIND, mix->sort, stream.now++, &known);
            n++;
        }
        if (events % (apart / VICTIMS) == 0)
            prompt(&stream, (unsigned)(events / (apart / VICTIMS) % VICTIMS));
    }
    stream.outcome.ns = (cpu_seconds() - start) * 1e9 / (double)events;
    stream.outcome.lost = way->lost() - stream.outcome.lost;
    way->close();
    for (unsigned victim = 0; victim < VICTIMS; victim++) /* the stream ended before its fifth prompt */
        stream.outcome.missed[victim >= VICTIMS / 2] +=
            !stream.detected[victim] && stream.prompts[victim] < GIVEN_UP_AT;
    return stream.outcome;
}

static const struct way ways[] = {
    {"LRU", models_open, models_close, lru_see, models_lost},
    {"CLOCK", models_open, models_close, clock_see, models_lost},
    {"CLOCK by worth", models_open, models_close, worth_see, models_lost},
    {"SIEVE", sieve_open, models_close, sieve_see, models_lost},
    {"CLOCK, doorkeeper", door_open, models_close, door_see, models_lost},
    {"S3-FIFO", s3_open, s3_close, s3_see, models_lost},
    {"the table", table_open, table_close, table_see, table_lost},
};

static const struct mix mixes[] = {
    {"none invented", 0, LOGIN, 1},
    {"half, one failed login", 50, FAILED_LOGIN, 1},
    {"9 in 10, one failed login", 90, FAILED_LOGIN, 1},
    {"half, one prompt", 50, PROMPT, 1},
    {"9 in 10, one prompt", 90, PROMPT, 1},
    {"9 in 10, two prompts", 90, PROMPT, 2},
    {"9 in 10, three prompts", 90, PROMPT, 3},
};

int main(int argc, char **argv)
{
    uint32_t invented = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    uint32_t apart = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 50000;
    const char *only = argc > 3 ? argv[3] : NULL;
    int bad = 0;

    n_keys = PEOPLE + VICTIMS + invented + 1;
    make_zipf();
    printf("| the invented | way | known at login | victims late, with history | new | missed, with history | new | "
           "too early | latest at prompt | forgotten who had logged in | ns an event |\n"
           "|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (unsigned m = 0; m < sizeof mixes / sizeof mixes[0]; m++)
        for (unsigned w = 0; w < sizeof ways / sizeof ways[0]; w++) {
            if (only != NULL && strcmp(only, ways[w].name) != 0)
                continue;
            struct outcome o = run(&ways[w], &mixes[m], invented, apart);
            printf("| %s | %s | %.3f | %u | %u | %u | %u | %u | %u | %" PRIu64 " | %.0f |\n", mixes[m].name,
                   ways[w].name, (double)o.hits / (double)o.logins, o.late[0], o.late[1], o.missed[0], o.missed[1],
                   o.early, o.worst, o.lost, o.ns);
            fflush(stdout);
            if (ways[w].see == table_see)
                bad |= o.late[0] + o.late[1] + o.missed[0] + o.missed[1] > 0;
        }
    free(zipf);
    return bad;
}
