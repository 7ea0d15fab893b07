/* src/base/zone.c
 *
 * TZif files: a list of changes, and a rule for the years behind it, in the words of POSIX' TZ. */

#include "base/zone.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024, NAME_MAX_LENGTH = 63, HEADER = 44, TYPES_MAX = 256 };

/* ---- bytes ---- */

/* What has not been read; `left` becomes short of what is asked for only in a file that is cut. */
struct bytes {
    const unsigned char *p;
    size_t left;
};

static bool take(struct bytes *from, size_t n, const unsigned char **piece)
{
    if (from->left < n)
        return false;
    *piece = from->p;
    from->p += n;
    from->left -= n;
    return true;
}

static int64_t number(const unsigned char *p, unsigned n)
{
    uint64_t value = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;

    for (unsigned i = 0; i < n; i++)
        value = value << 8 | p[i];
    return (int64_t)value;
}

struct header {
    bool has_second; /* version 2 and later */
    size_t utc, standard, leaps, changes, types, names;
};

static bool take_header(struct bytes *from, struct header *header)
{
    const unsigned char *p;

    if (!take(from, HEADER, &p) || memcmp(p, "TZif", 4) != 0)
        return false;
    header->has_second = p[4] >= '2';
    header->utc = (size_t)(number(p + 20, 4) & 0xFFFF);
    header->standard = (size_t)(number(p + 24, 4) & 0xFFFF);
    header->leaps = (size_t)(number(p + 28, 4) & 0xFFFF);
    header->changes = (size_t)(number(p + 32, 4) & 0xFFFF);
    header->types = (size_t)(number(p + 36, 4) & 0xFFFF);
    header->names = (size_t)(number(p + 40, 4) & 0xFFFF);
    return header->types > 0 && header->types <= TYPES_MAX;
}

/* Some files begin with the birth of the universe. */
static mf_time change_time(int64_t seconds)
{
    const int64_t most = INT64_C(1000000000000);

    return (seconds < -most ? -most : seconds > most ? most : seconds) * MF_SECOND;
}

/* The block behind a header; its times have `width` bytes. */
static bool take_block(struct bytes *from, const struct header *header, unsigned width, struct mf_zone *zone)
{
    const unsigned char *times, *indices, *types, *rest;
    size_t first = header->changes > MF_ZONE_CHANGES ? header->changes - MF_ZONE_CHANGES : 0;

    if (!take(from, header->changes * width, &times) || !take(from, header->changes, &indices) ||
        !take(from, header->types * 6, &types) ||
        !take(from, header->names + header->leaps * (width + 4) + header->standard + header->utc, &rest))
        return false;
    zone->n = 0;
    zone->first = number(types, 4) * MF_SECOND;
    for (size_t i = first; i < header->changes; i++) {
        if (indices[i] >= header->types)
            return false;
        zone->at[zone->n] = change_time(number(times + i * width, width));
        zone->east[zone->n] = number(types + (size_t)indices[i] * 6, 4) * MF_SECOND;
        zone->n++;
    }
    return true;
}

/* ---- the rule: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool take_number(const char **p, int *value)
{
    *value = 0;
    if (!is_digit(**p))
        return false;
    for (; is_digit(**p) && *value < 1000; (*p)++)
        *value = *value * 10 + (**p - '0');
    return true;
}

/* "CET", "<+03>" */
static bool take_name(const char **p)
{
    const char *start = *p;

    if (take_char(p, '<')) {
        while (**p != '\0' && **p != '>')
            (*p)++;
        return take_char(p, '>');
    }
    while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
        (*p)++;
    return *p > start;
}

/* "-1", "5:30", "+02:00:00": hours, minutes, seconds. */
static bool take_clock(const char **p, mf_time *value)
{
    bool negative = take_char(p, '-');
    int hour, minute = 0, second = 0;

    if (!negative)
        take_char(p, '+');
    if (!take_number(p, &hour) || (take_char(p, ':') && !take_number(p, &minute)) ||
        (take_char(p, ':') && !take_number(p, &second)))
        return false;
    *value = hour * MF_HOUR + minute * MF_MINUTE + second * MF_SECOND;
    if (negative)
        *value = -*value;
    return true;
}

static bool take_day(const char **p, struct mf_zone_day *day)
{
    day->at = 2 * MF_HOUR;
    day->form = 'D';
    if (take_char(p, 'M')) {
        day->form = 'M';
        if (!take_number(p, &day->month) || !take_char(p, '.') || !take_number(p, &day->week) || !take_char(p, '.') ||
            !take_number(p, &day->day) || day->month < 1 || day->month > 12 || day->week < 1 || day->week > 5 ||
            day->day > 6)
            return false;
    } else {
        day->form = (char)(take_char(p, 'J') ? 'J' : 'D');
        if (!take_number(p, &day->day) || day->day > 365)
            return false;
    }
    return !take_char(p, '/') || take_clock(p, &day->at);
}

/* POSIX counts west of Greenwich. */
static bool read_rule(struct mf_zone *zone, const char *p)
{
    mf_time west;

    if (!take_name(&p) || !take_clock(&p, &west))
        return false;
    zone->standard = zone->summer = -west;
    if (*p != '\0') {
        zone->summer = zone->standard + MF_HOUR;
        if (!take_name(&p))
            return false;
        if (*p != ',') {
            if (!take_clock(&p, &west))
                return false;
            zone->summer = -west;
        }
        if (!take_char(&p, ',') || !take_day(&p, &zone->begins) || !take_char(&p, ',') || !take_day(&p, &zone->ends))
            return false;
    }
    zone->has_rule = *p == '\0';
    return zone->has_rule;
}

/* Between two line feeds, and it may be empty. */
static bool take_rule(struct bytes *from, struct mf_zone *zone)
{
    char text[128];
    const unsigned char *end;
    size_t length;

    if (from->left < 2 || from->p[0] != '\n')
        return false;
    end = memchr(from->p + 1, '\n', from->left - 1);
    if (end == NULL)
        return false;
    length = (size_t)(end - from->p) - 1;
    if (length == 0)
        return true;
    if (length >= sizeof text)
        return false;
    memcpy(text, from->p + 1, length);
    text[length] = '\0';
    return read_rule(zone, text);
}

bool mf_zone_parse(struct mf_zone *zone, const unsigned char *bytes, size_t length)
{
    struct bytes from = {bytes, length};
    struct header header;

    memset(zone, 0, sizeof *zone);
    if (!take_header(&from, &header) || !take_block(&from, &header, 4, zone))
        return false;
    if (!header.has_second)
        return true;
    return take_header(&from, &header) && take_block(&from, &header, 8, zone) && take_rule(&from, zone);
}

/* ---- by name ---- */

/* No name leads out of the directory. */
static bool is_name(struct mf_slice text)
{
    if (text.length == 0 || text.length > NAME_MAX_LENGTH || text.data[0] == '/' || text.data[0] == '.')
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = mf_ascii_lower(text.data[i]);

        if (!is_digit(c) && (c < 'a' || c > 'z') && c != '/' && c != '_' && c != '-' && c != '+')
            return false;
    }
    return true;
}

static bool read_file(struct mf_slice name, unsigned char *bytes, size_t *length)
{
    char path[128];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.length, name.data);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    for (*length = 0, n = 1; n > 0 && *length<FILE_MAX; *length += n> 0 ? (size_t)n : 0)
        n = read(fd, bytes + *length, FILE_MAX - *length);
    close(fd);
    return n == 0;
}

int mf_zone_init(struct mf_zone *zone, struct mf_slice text, struct mf_error *error)
{
    unsigned char bytes[FILE_MAX];
    size_t length;

    memset(zone, 0, sizeof *zone);
    if (mf_time_parse_zone(text, &zone->first))
        return 0;
    if (is_name(text) && read_file(text, bytes, &length) && mf_zone_parse(zone, bytes, length))
        return 0;
    return mf_error_set(
        error,
        "\"%.*s\" is no time zone; accepted: how far east of UTC the clock is (\"+02:00\", \"Z\"), or a name that "
        "the system knows (\"Europe/Berlin\")",
        (int)(text.length > 100 ? 100 : text.length), text.data == NULL ? "" : text.data);
}

/* ---- asking ---- */

/* The first millisecond of the day on which clocks change in a year, as the wall shows it. */
static mf_time change_in(const struct mf_zone_day *day, unsigned year)
{
    mf_time first, next;
    int weekday, ahead;

    if (day->form != 'M') {
        bool skips = day->form == 'J' && day->day >= 60 && mf_time_days(year, 3, 1) - mf_time_days(year, 2, 1) == 29;

        return (mf_time_days(year, 1, 1) + day->day - (day->form == 'J') + skips) * MF_DAY;
    }
    first = mf_time_days(year, (unsigned)day->month, 1);
    next = day->month == 12 ? mf_time_days(year + 1, 1, 1) : mf_time_days(year, (unsigned)day->month + 1, 1);
    weekday = (int)((first + 4) % 7); /* 1970 began on a Thursday */
    ahead = (day->day - weekday + 7) % 7 + (day->week - 1) * 7;
    while (first + ahead >= next)
        ahead -= 7;
    return (first + ahead) * MF_DAY;
}

static mf_time by_rule(const struct mf_zone *zone, mf_time time)
{
    mf_time begins, ends, wall = time + zone->standard;
    unsigned year;

    if (zone->summer == zone->standard || wall < 0)
        return zone->standard;
    year = 1970 + (unsigned)(wall / MF_DAY / 366);
    while (mf_time_days(year + 1, 1, 1) * MF_DAY <= wall)
        year++;
    begins = change_in(&zone->begins, year) + zone->begins.at - zone->standard;
    ends = change_in(&zone->ends, year) + zone->ends.at - zone->summer;
    if (begins < ends)
        return time >= begins && time < ends ? zone->summer : zone->standard;
    return time >= ends && time < begins ? zone->standard : zone->summer;
}

mf_time mf_zone_east(const struct mf_zone *zone, mf_time time)
{
    unsigned low = 0, high = zone->n; /* changes before `low` have come, those from `high` on have not */

    if (zone->has_rule && (zone->n == 0 || time >= zone->at[zone->n - 1]))
        return by_rule(zone, time);
    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (zone->at[middle] <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? zone->first : zone->east[low - 1];
}

mf_time mf_zone_utc(const struct mf_zone *zone, mf_time local)
{
    return local - mf_zone_east(zone, local - mf_zone_east(zone, local));
}
