/* src/context/geo.c
 *
 * Loads MaxMind-format databases and reads places from them.
 *
 * libmaxminddb maps the file, and a mapped file that somebody truncates kills the process (SIGBUS). So it is given a
 * sealed copy in memory that nobody can shrink. */

#include "context/geo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <maxminddb.h>

#include "base/hash.h"

enum { KEYS_MAX = 8, CANDIDATES = 4, CACHE_SLOTS = 1024, FILE_NAME = 4096 };
#define FILE_MAX ((off_t)2 << 30)

#define PATH_OPTION(name, member, help)                                                                                \
    {                                                                                                                  \
        name, MF_OPTION_TEXT, offsetof(struct mf_geo_conf, member), 0, 0, "\"\"", NULL, help                           \
    }

const struct mf_option mf_geo_options[] = {
    PATH_OPTION("city", city, "City or Country database in MaxMind format (.mmdb)."),
    PATH_OPTION("asn", asn, "ASN database in MaxMind format (.mmdb)."),
    {0},
};

const struct mf_option mf_geo_path_options[] = {
    PATH_OPTION("country", country_path, "Where the two-letter country code is, as in \"country.iso_code\"."),
    PATH_OPTION("latitude", latitude_path, "Where the latitude is, as in \"location.latitude\"."),
    PATH_OPTION("longitude", longitude_path, "Where the longitude is, as in \"location.longitude\"."),
    PATH_OPTION("city_name", city_path, "Where the name of the city is, as in \"city.names.en\"."),
    PATH_OPTION("asn", asn_path, "Where the number of the autonomous system is."),
    {0},
};

/* The keys of one dotted path, ended by NULL as MMDB_aget_value() wants them; no keys = no such path. */
struct path {
    char text[MF_TEXT_OPTION];
    const char *key[KEYS_MAX + 1];
};

enum field { COUNTRY, LATITUDE, LONGITUDE, CITY, ASN, N_FIELDS };

/* MaxMind's nested layout, then the flat ones; the first path with a usable value wins. */
static const char *const known_paths[N_FIELDS][CANDIDATES] = {
    [COUNTRY] = {"country.iso_code", "country_code", "country"},
    [LATITUDE] = {"location.latitude", "latitude", "lat"},
    [LONGITUDE] = {"location.longitude", "longitude", "lng", "lon"},
    [CITY] = {"city.names.en", "city", "city_name"},
    [ASN] = {"autonomous_system_number", "traits.autonomous_system_number", "asn", "as_number"},
};

struct database {
    bool is_open;
    size_t size;
    struct path paths[N_FIELDS][CANDIDATES]; /* without those that this database cannot have */
    MMDB_s mmdb;
};

struct mf_geo {
    struct mf_hash content; /* of all that answers depend on: what a cache remembers is right for equal ones */
    uint64_t failures;      /* relaxed atomic, the only member that changes after loading */
    struct database city, asn;
};

struct mf_geo_cache {
    struct mf_hash content;
    struct slot {
        struct mf_ip ip; /* family 0 = free */
        struct mf_geo_place place;
    } slots[CACHE_SLOTS];
};

/* ---- paths ---- */

static int compile_path(struct path *path, const char *name, const char *text, struct mf_error *error)
{
    size_t n = 0;

    mf_slice_copy(path->text, sizeof path->text, mf_slice_of(text));
    for (char *key = path->text; key != NULL;) {
        char *dot = strchr(key, '.');

        if (dot != NULL)
            *dot++ = '\0';
        if (*key == '\0' || n == KEYS_MAX)
            return mf_error_set(error, "geo.paths.%s: \"%s\" is not a path: 1 to %d keys with dots between are", name,
                                text, KEYS_MAX);
        path->key[n++] = key;
        key = dot;
    }
    path->key[n] = NULL;
    return 0;
}

static int compile_paths(struct database *database, const struct mf_geo_conf *conf, struct mf_error *error)
{
    for (int f = 0; f < N_FIELDS; f++) {
        const struct mf_option *option = &mf_geo_path_options[f];
        const char *own = (const char *)conf + option->offset;

        for (int c = 0; c < CANDIDATES; c++) {
            const char *text = own[0] == '\0' ? known_paths[f][c] : c == 0 ? own : NULL;

            if (text != NULL && compile_path(&database->paths[f][c], option->name, text, error) != 0)
                return -1;
        }
    }
    return 0;
}

/* A key is stored at least once, as a text behind its control byte (type 2, length below 29), so a search of the bytes
 * tells for certain that no record has it. Behind a text comes the next control byte, and 0x60 to 0x7F are a double,
 * whose length is 8: without that "asn" would be found in "Casnovia", as 'C' is the control byte of three letters. */
static bool may_have_key(const MMDB_s *mmdb, const char *key)
{
    const char *at = (const char *)mmdb->file_content, *end = at + mmdb->file_size;
    char stored[29];
    size_t length = strlen(key);

    if (length >= sizeof stored)
        return true;
    stored[0] = (char)(MMDB_DATA_TYPE_UTF8_STRING << 5 | length);
    memcpy(stored + 1, key, length);
    while ((at = memmem(at, (size_t)(end - at), stored, length + 1)) != NULL) {
        at += length + 1;
        if (at == end || (*at & 0xE0) != 0x60 || *at == 0x68)
            return true;
    }
    return false;
}

/* The library reads a record from its start for every path. Paths that no record has would be most of the cost. */
static void drop_absent_paths(struct database *database)
{
    for (int f = 0; f < N_FIELDS; f++) {
        for (int c = 0; c < CANDIDATES && known_paths[f][c] != NULL; c++) {
            const char **key = database->paths[f][c].key;

            while (*key != NULL && may_have_key(&database->mmdb, *key))
                key++;
            if (*key != NULL)
                database->paths[f][c].key[0] = NULL;
        }
    }
}

/* ---- loading ---- */

/* Copies `size` bytes; 0, or -1 with errno. A file that shrinks meanwhile is an error (EIO). */
static int copy_bytes(int from, int to, off_t size)
{
    char buffer[65536];

    while (size > 0) {
        ssize_t n = read(from, buffer, size < (off_t)sizeof buffer ? (size_t)size : sizeof buffer);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return -1;
        for (ssize_t done = 0; done < n;) {
            ssize_t written = write(to, buffer + done, (size_t)(n - done));

            if (written < 0 && errno != EINTR)
                return -1;
            done += written < 0 ? 0 : written;
        }
        size -= n;
    }
    return 0;
}

/* The descriptor of a sealed copy in memory, or -1 with the sentence. */
static int seal_copy(int file, off_t size, const char *option, const char *name, struct mf_error *error)
{
    int copy = memfd_create("mfatigue-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (copy < 0)
        return mf_error_set(error, "%s: %s: no memory for a copy: %s", option, name, strerror(errno));
    if (copy_bytes(file, copy, size) != 0 ||
        fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        mf_error_set(error, "%s: %s: cannot be copied into memory: %s", option, name, strerror(errno));
        close(copy);
        return -1;
    }
    return copy;
}

static int copy_file(const char *option, const char *name, size_t *size, struct mf_error *error)
{
    struct stat st = {0};
    int copy = -1;
    /* not blocking: a FIFO of that name must not hang the daemon */
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (file < 0)
        return mf_error_set(error, "%s: %s: cannot be opened: %s", option, name, strerror(errno));
    if (fstat(file, &st) != 0)
        mf_error_set(error, "%s: %s: cannot be looked at: %s", option, name, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        mf_error_set(error, "%s: %s: not a regular file; a MaxMind-format database (.mmdb) is accepted", option, name);
    else if (st.st_size == 0)
        mf_error_set(error, "%s: %s: the file is empty; a MaxMind-format database (.mmdb) is accepted", option, name);
    else if (st.st_size > FILE_MAX)
        mf_error_set(error, "%s: %s: larger than 2 GiB, the most that is accepted", option, name);
    else
        copy = seal_copy(file, st.st_size, option, name, error);
    *size = (size_t)st.st_size;
    close(file);
    return copy;
}

static int open_database(struct database *database, const char *option, const char *name, struct mf_error *error)
{
    char link[32];
    int copy = copy_file(option, name, &database->size, error);

    if (copy < 0)
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", copy);
    int status = MMDB_open(link, MMDB_MODE_MMAP, &database->mmdb);
    close(copy); /* the mapping keeps the memory */
    if (status != MMDB_SUCCESS)
        return mf_error_set(error, "%s: %s: not a MaxMind-format database (.mmdb), or damaged: %s", option, name,
                            MMDB_strerror(status));
    database->is_open = true;
    drop_absent_paths(database);
    return 0;
}

static bool type_has(const struct database *database, const char *word)
{
    const char *type = database->mmdb.metadata.database_type;

    return type != NULL && mf_slice_has_nocase(mf_slice_of(type), mf_slice_of(word));
}

/* Two options that were mixed up would answer nothing for ever, silently. */
static int check_types(const struct mf_geo *geo, const struct mf_geo_conf *conf, struct mf_error *error)
{
    if (geo->city.is_open && type_has(&geo->city, "ASN") && !type_has(&geo->city, "City") &&
        !type_has(&geo->city, "Country") && conf->country_path[0] == '\0')
        return mf_error_set(error,
                            "geo.city: %s: is of type %s; a City or Country database is accepted (geo.asn takes "
                            "this one)",
                            conf->city, geo->city.mmdb.metadata.database_type);
    if (geo->asn.is_open && (type_has(&geo->asn, "City") || type_has(&geo->asn, "Country")) &&
        !type_has(&geo->asn, "ASN") && conf->asn_path[0] == '\0')
        return mf_error_set(error, "geo.asn: %s: is of type %s; an ASN database is accepted (geo.city takes this one)",
                            conf->asn, geo->asn.mmdb.metadata.database_type);
    return 0;
}

static int load_database(struct database *database, const char *option, const char *name, const char *base,
                         struct mf_error *error)
{
    char full[FILE_NAME];
    bool is_below = base != NULL && base[0] != '\0' && name[0] != '/';

    if (name[0] == '\0')
        return 0;
    int length = snprintf(full, sizeof full, "%s%s%s", is_below ? base : "", is_below ? "/" : "", name);
    if (length < 0 || (size_t)length >= sizeof full)
        return mf_error_set(error, "%s: %s: the name is too long", option, name);
    return open_database(database, option, full, error);
}

static void mark_file(struct mf_hash *mark, const struct database *database, const struct mf_hash_key *key)
{
    if (database->is_open)
        *mark = mf_hash_bytes(key, database->mmdb.file_content, (size_t)database->mmdb.file_size);
}

/* The mark of the bytes and paths that answers come from. Neither an address nor a counter: the first may be another
 * object's one day, and the second would be state of the whole process. */
static struct mf_hash mark_content(const struct mf_geo *geo)
{
    static const struct mf_hash_key key = {0x67656f, 1};
    struct mf_hash marks[2 + N_FIELDS * CANDIDATES] = {0};
    struct mf_hash *mark = marks;

    mark_file(mark++, &geo->city, &key);
    mark_file(mark++, &geo->asn, &key);
    for (int f = 0; f < N_FIELDS; f++) { /* both databases were given the same paths */
        for (int c = 0; c < CANDIDATES; c++)
            *mark++ = mf_hash_bytes(&key, geo->city.paths[f][c].text, MF_TEXT_OPTION);
    }
    return mf_hash_bytes(&key, marks, sizeof marks);
}

struct mf_geo *mf_geo_load(const struct mf_geo_conf *conf, const char *base, struct mf_error *error)
{
    struct mf_geo *geo = calloc(1, sizeof *geo);

    if (geo == NULL) {
        mf_error_set(error, "geo: out of memory");
        return NULL;
    }
    if (compile_paths(&geo->city, conf, error) != 0 || compile_paths(&geo->asn, conf, error) != 0 ||
        load_database(&geo->city, "geo.city", conf->city, base, error) != 0 ||
        load_database(&geo->asn, "geo.asn", conf->asn, base, error) != 0 || check_types(geo, conf, error) != 0) {
        mf_geo_free(geo);
        return NULL;
    }
    geo->content = mark_content(geo);
    return geo;
}

void mf_geo_free(struct mf_geo *geo)
{
    if (geo == NULL)
        return;
    if (geo->city.is_open)
        MMDB_close(&geo->city.mmdb);
    if (geo->asn.is_open)
        MMDB_close(&geo->asn.mmdb);
    free(geo);
}

size_t mf_geo_memory(const struct mf_geo *geo)
{
    return geo == NULL ? 0 : sizeof *geo + geo->city.size + geo->asn.size;
}

uint64_t mf_geo_failures(const struct mf_geo *geo)
{
    return geo == NULL ? 0 : __atomic_load_n(&geo->failures, __ATOMIC_RELAXED);
}

/* ---- values ---- */

/* One record, while it is read. */
struct reading {
    const struct database *database;
    MMDB_entry_s entry;
    bool is_damaged;
};

static bool get_value(struct reading *reading, enum field field, int candidate, MMDB_entry_data_s *data)
{
    const struct path *path = &reading->database->paths[field][candidate];

    if (path->key[0] == NULL)
        return false;
    int status = MMDB_aget_value(&reading->entry, data, path->key);
    if (status != MMDB_SUCCESS && status != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR &&
        status != MMDB_INVALID_LOOKUP_PATH_ERROR)
        reading->is_damaged = true;
    return status == MMDB_SUCCESS && data->has_data;
}

static bool read_number(struct reading *reading, enum field field, double limit, float *number)
{
    MMDB_entry_data_s data;

    for (int c = 0; c < CANDIDATES; c++) {
        if (!get_value(reading, field, c, &data))
            continue;
        double value = data.type == MMDB_DATA_TYPE_DOUBLE  ? data.double_value
                       : data.type == MMDB_DATA_TYPE_FLOAT ? (double)data.float_value
                                                           : (double)NAN;
        if (value >= -limit && value <= limit) { /* NaN is not */
            *number = (float)value;
            return true;
        }
    }
    return false;
}

static void read_country(struct reading *reading, char country[2])
{
    MMDB_entry_data_s data;

    for (int c = 0; c < CANDIDATES; c++) {
        if (!get_value(reading, COUNTRY, c, &data) || data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2)
            continue;
        char a = mf_ascii_lower(data.utf8_string[0]), b = mf_ascii_lower(data.utf8_string[1]);
        if (a < 'a' || a > 'z' || b < 'a' || b > 'z')
            continue;
        country[0] = (char)(a - 0x20);
        country[1] = (char)(b - 0x20);
        return;
    }
}

/* The length of the UTF-8 character at `s`, without control characters; 0 when it is none. */
static size_t character(const unsigned char *s, size_t left)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;

    if (s[0] < 0x20 || s[0] == 0x7F || (s[0] >= 0x80 && s[0] < 0xC2) || s[0] > 0xF4 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xC2 && s[1] < 0xA0) || (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

/* The name goes into alerts, so it must be text. */
static bool is_text(const char *data, size_t length)
{
    for (size_t at = 0, n; at < length; at += n) {
        n = character((const unsigned char *)data + at, length - at);
        if (n == 0)
            return false;
    }
    return length > 0;
}

static void read_city(struct reading *reading, char city[MF_GEO_CITY])
{
    MMDB_entry_data_s data;

    for (int c = 0; c < CANDIDATES; c++) {
        if (get_value(reading, CITY, c, &data) && data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size <= 1024 &&
            is_text(data.utf8_string, data.data_size)) {
            mf_slice_copy(city, MF_GEO_CITY, (struct mf_slice){data.utf8_string, data.data_size});
            return;
        }
    }
}

static uint32_t read_asn(struct reading *reading)
{
    MMDB_entry_data_s data;

    for (int c = 0; c < CANDIDATES; c++) {
        if (!get_value(reading, ASN, c, &data))
            continue;
        if (data.type == MMDB_DATA_TYPE_UINT32)
            return data.uint32;
        if (data.type == MMDB_DATA_TYPE_UINT16)
            return data.uint16;
        if (data.type == MMDB_DATA_TYPE_UINT64 && data.uint64 <= UINT32_MAX)
            return (uint32_t)data.uint64;
        if (data.type == MMDB_DATA_TYPE_INT32 && data.int32 > 0)
            return (uint32_t)data.int32;
    }
    return 0;
}

/* ---- looking up ---- */

/* A v4 address inside v6 is that v4 address. */
static struct mf_ip unmapped(const struct mf_ip *ip)
{
    static const uint8_t prefix[12] = {[10] = 0xFF, [11] = 0xFF};
    struct mf_ip v4 = {.family = 4};

    if (ip->family != 6 || memcmp(ip->bytes, prefix, sizeof prefix) != 0)
        return *ip;
    memcpy(v4.bytes, ip->bytes + 12, 4);
    return v4;
}

static bool is_nowhere(const struct mf_ip *ip)
{
    static const uint8_t zeros[15];
    const uint8_t *b = ip->bytes;

    if (ip->family == 4)
        return b[0] == 0 || b[0] == 10 || b[0] == 127 || (b[0] == 100 && (b[1] & 0xC0) == 64) ||
               (b[0] == 169 && b[1] == 254) || (b[0] == 172 && (b[1] & 0xF0) == 16) || (b[0] == 192 && b[1] == 168);
    if (ip->family == 6)
        return (memcmp(b, zeros, 15) == 0 && b[15] <= 1) || (b[0] == 0xFE && (b[1] & 0xC0) == 0x80) ||
               (b[0] & 0xFE) == 0xFC;
    return true;
}

static bool find(struct reading *reading, const struct database *database, const struct mf_ip *ip)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    int status = MMDB_SUCCESS;

    reading->database = database;
    if (!database->is_open)
        return false;
    if (ip->family == 4) {
        address.v4.sin_family = AF_INET;
        memcpy(&address.v4.sin_addr, ip->bytes, 4);
    } else {
        address.v6.sin6_family = AF_INET6;
        memcpy(&address.v6.sin6_addr, ip->bytes, 16);
    }
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&database->mmdb, &address.any, &status);
    reading->entry = result.entry;
    /* v6 in a database of v4 only is an error to the library, and an unknown place to us */
    reading->is_damaged = status != MMDB_SUCCESS && status != MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR;
    return status == MMDB_SUCCESS && result.found_entry;
}

/* True when a record or the way to it is damaged. */
static bool look_up(const struct mf_geo *geo, const struct mf_ip *ip, struct mf_geo_place *place)
{
    struct reading asn = {0}, city = {0};

    if (find(&asn, &geo->asn, ip))
        place->asn = read_asn(&asn);
    if (find(&city, &geo->city, ip)) {
        if (place->asn == 0)
            place->asn = read_asn(&city);
        read_country(&city, place->country);
        read_city(&city, place->city);
        place->has_coordinates =
            read_number(&city, LATITUDE, 90, &place->latitude) && read_number(&city, LONGITUDE, 180, &place->longitude);
        if (!place->has_coordinates)
            place->latitude = place->longitude = 0;
    }
    return asn.is_damaged || city.is_damaged;
}

static void look_up_counting(const struct mf_geo *geo, const struct mf_ip *ip, struct mf_geo_place *place)
{
    if (look_up(geo, ip, place)) /* the object came from calloc(), so it may be written to */
        __atomic_fetch_add((uint64_t *)&geo->failures, 1, __ATOMIC_RELAXED);
}

static struct slot *slot_of(struct mf_geo_cache *cache, const struct mf_ip *ip)
{
    uint64_t low, high;

    memcpy(&low, ip->bytes, 8);
    memcpy(&high, ip->bytes + 8, 8);
    uint64_t mixed = (low ^ (high * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return &cache->slots[(mixed >> 32) % CACHE_SLOTS];
}

void mf_geo_look(const struct mf_geo *geo, struct mf_geo_cache *cache, const struct mf_ip *ip,
                 struct mf_geo_place *place)
{
    struct mf_ip address;

    memset(place, 0, sizeof *place);
    if (geo == NULL || !(geo->city.is_open || geo->asn.is_open))
        return;
    address = unmapped(ip);
    if (is_nowhere(&address))
        return;
    if (cache == NULL) {
        look_up_counting(geo, &address, place);
        return;
    }
    if (!mf_hash_equal(cache->content, geo->content)) {
        memset(cache, 0, sizeof *cache);
        cache->content = geo->content;
    }
    struct slot *slot = slot_of(cache, &address);
    if (!mf_ip_equal(&slot->ip, &address)) {
        look_up_counting(geo, &address, place);
        slot->ip = address;
        slot->place = *place;
    }
    *place = slot->place;
}

struct mf_geo_cache *mf_geo_cache_new(struct mf_error *error)
{
    struct mf_geo_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        mf_error_set(error, "geo: out of memory");
    return cache;
}

void mf_geo_cache_free(struct mf_geo_cache *cache)
{
    free(cache);
}
