/* src/base/time.c
 *
 * ISO 8601 and epoch numbers to milliseconds and back, by our own calendar: libc's depends on locale and zone files. */

#include "base/time.h"

/* 9999-12-31T23:59:59.999Z */
#define LATEST ((mf_time)253402300799999)

/* the number of a bad pair of digits: above every limit that a pair is held against */
enum { NO_PAIR = 100 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static unsigned pair(const char *p)
{
    return is_digit(p[0]) && is_digit(p[1]) ? (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0') : NO_PAIR;
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar. Years are counted from March, so that the leap day is
 * the last day of a year and 153 days make five months (Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", days_from_civil). */
static mf_time days_from_date(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month > 2 ? year : year - 1;
    unsigned from_march = month > 2 ? month - 3 : month + 9;
    unsigned day_of_year = (153 * from_march + 2) / 5 + day - 1;

    return (mf_time)(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) - 719468;
}

/* Eight bytes that must be digits where `form` has a '0', and the same as `form` elsewhere; `digit` gets the numbers of
 * the digits. Each byte is looked at in its own part of a word: what is left of a digit is at most 9, of a sign nothing,
 * and `room` is what can be added to as much without reaching the top bit. */
static bool read_eight(const char *p, const char form[8], const char room[8], uint8_t digit[8])
{
    uint64_t word, expected, add;

    memcpy(&word, p, 8);
    memcpy(&expected, form, 8);
    memcpy(&add, room, 8);
    word ^= expected;
    memcpy(digit, &word, 8);
    return ((word | (word + add)) & UINT64_C(0x8080808080808080)) == 0;
}

#define DIGIT_ROOM "\x76" /* 0x7F - 9 */
#define SIGN_ROOM  "\x7F"
#define PAIR_ROOM  DIGIT_ROOM DIGIT_ROOM
static const char three_pairs[] = PAIR_ROOM SIGN_ROOM PAIR_ROOM SIGN_ROOM PAIR_ROOM;

/* "2026-11-24" */
static bool read_date(const char *p, mf_time *days)
{
    uint8_t digit[8];
    unsigned century = pair(p);

    if (century >= NO_PAIR || !read_eight(p + 2, "00-00-00", three_pairs, digit))
        return false;

    unsigned year = century * 100 + digit[0] * 10U + digit[1];
    unsigned month = digit[3] * 10U + digit[4], day = digit[6] * 10U + digit[7];
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* "09:14:37"; a leap second has no number of its own in epoch time, so it reads as the second before it. */
static bool read_clock(const char *p, mf_time *ms)
{
    uint8_t digit[8];

    if (!read_eight(p, "00:00:00", three_pairs, digit))
        return false;

    unsigned hour = digit[0] * 10U + digit[1], minute = digit[3] * 10U + digit[4], second = digit[6] * 10U + digit[7];
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    if (second == 60)
        second = 59;
    *ms = hour * MF_HOUR + minute * MF_MINUTE + second * MF_SECOND;
    return true;
}

/* The digits behind the decimal sign, cut to milliseconds; returns how many there are. */
static size_t read_fraction(const char *p, const char *end, mf_time *ms)
{
    mf_time weight = 100, value = 0;
    size_t n = 0;

    for (; p + n < end && is_digit(p[n]); n++) {
        value += weight * (p[n] - '0');
        weight /= 10;
    }
    *ms = value;
    return n;
}

/* "Z", "UTC", "+hh", "+hhmm", "+hh:mm", up to 14 hours either way (the widest zone in use is UTC+14); Ruby writes a
 * blank before it */
static bool read_zone(const char *p, size_t length, mf_time *zone)
{
    if (length > 3 && *p == ' ') {
        p++;
        length--;
    }
    if ((length == 1 && (*p == 'Z' || *p == 'z')) || (length == 3 && memcmp(p, "UTC", 3) == 0)) {
        *zone = 0;
        return true;
    }
    if ((*p != '+' && *p != '-') || (length != 3 && length != 5 && length != 6) || (length == 6 && p[3] != ':'))
        return false;

    unsigned hour = pair(p + 1), minute = length == 3 ? 0 : pair(p + length - 2);
    if (minute > 59 || hour * 60 + minute > 14 * 60)
        return false;

    mf_time east = hour * MF_HOUR + minute * MF_MINUTE;
    *zone = *p == '-' ? -east : east;
    return true;
}

/* "9:14:37", with an hour of one digit: Entra ID writes it so in its risk log. */
static __attribute__((noinline)) bool read_short_clock(const char *p, mf_time *ms)
{
    char clock[8] = {'0'};

    memcpy(clock + 1, p, 7);
    return read_clock(clock, ms);
}

bool mf_time_parse_iso(struct mf_slice text, mf_time zone, mf_time *out)
{
    const char *p = text.data, *end;
    mf_time days, clock, fraction = 0, time;
    size_t hour = 2;

    if (text.length < 18 || (p[10] != 'T' && p[10] != 't' && p[10] != ' '))
        return false;
    if (p[12] == ':')
        hour = 1;
    else if (text.length < 19)
        return false;
    if (!read_date(p, &days) || !(hour == 2 ? read_clock(p + 11, &clock) : read_short_clock(p + 11, &clock)))
        return false;

    end = p + text.length;
    p += 17 + hour;
    if (p < end && (*p == '.' || *p == ',')) {
        size_t n = read_fraction(p + 1, end, &fraction);
        if (n > 9)
            return false;
        p += 1 + n;
    }
    if (p < end && !read_zone(p, (size_t)(end - p), &zone))
        return false;

    /* An offset can push the first hours of 1970 and the last of 9999 out of the years that we can write. */
    if (__builtin_sub_overflow(days * MF_DAY + clock + fraction, zone, &time) || time < 0 || time > LATEST)
        return false;
    *out = time;
    return true;
}

mf_time mf_time_days(unsigned year, unsigned month, unsigned day)
{
    return days_from_date(year, month, day);
}

bool mf_time_parse_zone(struct mf_slice text, mf_time *zone)
{
    return text.length > 0 && read_zone(text.data, text.length, zone);
}

/* ---- times within a text ---- */

/* Behind a fraction that begins with one of `signs`; `p` when there is none, NULL when it is too long to be one. */
static const char *pass_fraction(const char *p, const char *end, const char *signs, mf_time *ms)
{
    size_t n;

    *ms = 0;
    if (p == end || *p == '\0' || strchr(signs, *p) == NULL || end - p < 2 || !is_digit(p[1]))
        return p;
    n = read_fraction(p + 1, end, ms);
    return n > 9 ? NULL : p + 1 + n;
}

/* The zone that stands at `p`, if any; nothing else must stand there that would be part of a number or a word. */
static bool read_zone_within(const char *p, const char *end, mf_time *zone)
{
    size_t n = 0;

    if (p < end && (*p == 'Z' || *p == 'z'))
        n = 1;
    else if (p < end && (*p == '+' || *p == '-'))
        for (n = 1; p + n < end && n < 6 && (is_digit(p[n]) || (n == 3 && p[n] == ':'));)
            n++;
    if (n > 1 && !read_zone(p, n, zone))
        return false;
    if (n == 1 && !read_zone(p, 1, zone))
        return false;
    return p + n == end || !is_digit(p[n]);
}

static bool read_iso_at(const char *p, const char *end, mf_time zone, mf_time *out)
{
    mf_time days, clock, fraction, time;

    if (end - p < 19 || p[4] != '-' || (p[10] != 'T' && p[10] != ' ') || !read_date(p, &days) ||
        !read_clock(p + 11, &clock))
        return false;
    p = pass_fraction(p + 19, end, ".,:", &fraction);
    if (p == NULL || !read_zone_within(p, end, &zone))
        return false;
    time = days * MF_DAY + clock + fraction - zone;
    if (time < 0 || time > LATEST)
        return false;
    *out = time;
    return true;
}

bool mf_time_find_iso(struct mf_slice text, mf_time zone, mf_time *out)
{
    for (size_t at = text.length < 19 ? 0 : text.length - 18; at-- > 0;)
        if (is_digit(text.data[at]) && (at == 0 || !is_digit(text.data[at - 1])) &&
            read_iso_at(text.data + at, text.data + text.length, zone, out))
            return true;
    return false;
}

static bool read_clock_at(const char *p, const char *end, mf_time *clock)
{
    mf_time fraction;

    if (end - p < 8 || p[2] != ':' || !read_clock(p, clock))
        return false;
    p = pass_fraction(p + 8, end, ".,:", &fraction);
    if (p == NULL || (p < end && (is_digit(*p) || *p == ':')))
        return false;
    *clock += fraction;
    return true;
}

bool mf_time_find_clock(struct mf_slice text, mf_time zone, mf_time near, mf_time *out)
{
    mf_time clock, time;

    if (near == MF_TIME_NONE || near < MF_DAY || near > LATEST - 2 * MF_DAY)
        return false;
    for (size_t at = text.length < 8 ? 0 : text.length - 7; at-- > 0;) {
        if (!is_digit(text.data[at]) || (at > 0 && (is_digit(text.data[at - 1]) || text.data[at - 1] == ':')) ||
            !read_clock_at(text.data + at, text.data + text.length, &clock))
            continue;
        time = near - near % MF_DAY + clock - zone;
        while (time - near > MF_DAY / 2)
            time -= MF_DAY;
        while (near - time > MF_DAY / 2)
            time += MF_DAY;
        *out = time;
        return true;
    }
    return false;
}

/* 1 to 12, 0 for none */
static unsigned month_named(const char *p)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    const char word[3] = {mf_ascii_lower(p[0]), mf_ascii_lower(p[1]), mf_ascii_lower(p[2])};

    for (unsigned i = 0; i < 12; i++)
        if (memcmp(names + (size_t)3 * i, word, 3) == 0)
            return i + 1;
    return 0;
}

static bool read_month_zone(struct mf_slice text, mf_time *zone)
{
    text = mf_slice_trim(text);
    if (mf_slice_equal(text, mf_slice_of("UTC")) || mf_slice_equal(text, mf_slice_of("GMT")))
        *zone = 0;
    else if (text.length > 0)
        return read_zone(text.data, text.length, zone);
    return true;
}

bool mf_time_parse_month(struct mf_slice text, mf_time zone, mf_time *out)
{
    char iso[] = "0000-00-00";
    const char *p = text.data, *end = p + text.length;
    mf_time days, clock, fraction, time;
    unsigned month;

    if (text.length < 19 || (month = month_named(p)) == 0)
        return false;
    p += p[3] == '.' ? 4 : 3;
    if (end - p < 16 || *p++ != ' ')
        return false;
    iso[5] = (char)('0' + month / 10);
    iso[6] = (char)('0' + month % 10);
    if (p[1] == ' ') { /* "Nov 4 2026" */
        iso[9] = *p++;
    } else { /* "Nov 04 2026", "Nov  4 2026" */
        iso[8] = (char)(*p == ' ' ? '0' : *p);
        iso[9] = p[1];
        p += 2;
    }
    if (end - p < 14 || p[0] != ' ' || p[5] != ' ')
        return false;
    memcpy(iso, p + 1, 4);
    if (!read_date(iso, &days) || !read_clock(p + 6, &clock))
        return false;
    p = pass_fraction(p + 14, end, ".,", &fraction);
    if (p == NULL || !read_month_zone((struct mf_slice){p, (size_t)(end - p)}, &zone))
        return false;
    time = days * MF_DAY + clock + fraction - zone;
    if (time < 0 || time > LATEST)
        return false;
    *out = time;
    return true;
}

/* One or two digits as two; the bytes that were read, 0 when there is no digit. */
static size_t take_pair(const char *p, const char *end, char pair[2])
{
    size_t n = 0;

    while (n < 3 && p + n < end && is_digit(p[n]))
        n++;
    if (n == 0 || n > 2)
        return 0;
    pair[0] = n == 2 ? p[0] : '0';
    pair[1] = p[n - 1];
    return n;
}

/* "9:14:37 PM", "21:14:37"; the bytes that were read, 0 for anything else. */
static size_t take_clock(const char *p, const char *end, mf_time *clock)
{
    char text[] = "00:00:00";
    size_t n = take_pair(p, end, text);
    bool morning, evening;

    if (n == 0 || end - p < (ptrdiff_t)n + 6)
        return 0;
    memcpy(text + 2, p + n, 6);
    if (!read_clock(text, clock))
        return 0;
    n += 6;
    if (end - p < (ptrdiff_t)n + 3 || p[n] != ' ' || mf_ascii_lower(p[n + 2]) != 'm')
        return n;
    morning = mf_ascii_lower(p[n + 1]) == 'a';
    evening = mf_ascii_lower(p[n + 1]) == 'p';
    if ((!morning && !evening) || *clock >= 13 * MF_HOUR || *clock < MF_HOUR)
        return 0;
    *clock = *clock % (12 * MF_HOUR) + (evening ? 12 * MF_HOUR : 0);
    return n + 3;
}

bool mf_time_parse_slashes(struct mf_slice text, mf_time zone, mf_time *out)
{
    const char *p = text.data, *end = p + text.length;
    char iso[] = "0000-00-00";
    mf_time days, clock, time;
    size_t n;

    if (text.length < 16)
        return false;
    if ((n = take_pair(p, end, iso + 5)) == 0 || (p += n) == end || *p++ != '/')
        return false;
    if ((n = take_pair(p, end, iso + 8)) == 0 || end - (p += n) < 6 || p[0] != '/' || p[5] != ' ')
        return false;
    memcpy(iso, p + 1, 4);
    p += 6;
    if (!read_date(iso, &days) || (n = take_clock(p, end, &clock)) == 0)
        return false;
    p += n;
    if (p < end && *p == ' ')
        p++;
    if (p < end && !read_zone(p, (size_t)(end - p), &zone))
        return false;
    time = days * MF_DAY + clock - zone;
    if (time < 0 || time > LATEST)
        return false;
    *out = time;
    return true;
}

/* .NET writes milliseconds as "/Date(1795511677412)/". */
static struct mf_slice without_date(struct mf_slice text)
{
    static const char open[] = "/Date(", close[] = ")/";
    const size_t before = sizeof open - 1, behind = sizeof close - 1;

    if (text.length <= before + behind || memcmp(text.data, open, before) != 0 ||
        memcmp(text.data + text.length - behind, close, behind) != 0)
        return text;
    return (struct mf_slice){text.data + before, text.length - before - behind};
}

static bool parse_number(struct mf_slice text, mf_time *out)
{
    const char *p = text.data, *end;
    const uint64_t most_seconds = 100000000000, least_seconds = 1000000000;
    uint64_t value = 0, ticks = 1;
    mf_time fraction = 0;
    size_t n = 0;

    for (; n < text.length && is_digit(p[n]); n++) {
        if (n == 19)
            return false; /* more digits than nanoseconds until the year 2286 need */
        value = value * 10 + (uint64_t)(p[n] - '0');
    }
    if (n < 10 || p[0] == '0')
        return false;
    end = p + text.length;
    p += n;
    if (p < end) {
        if (*p != '.' || end - p < 2)
            return false;
        p += 1 + read_fraction(p + 1, end, &fraction);
        if (p < end)
            return false;
    }

    while (value / ticks > most_seconds)
        ticks *= 1000;
    if (value / ticks < least_seconds)
        return false;
    *out = ticks == 1 ? (mf_time)value * MF_SECOND + fraction : (mf_time)(value / (ticks / 1000));
    return true;
}

bool mf_time_parse_epoch(struct mf_slice text, mf_time *out)
{
    return parse_number(without_date(text), out);
}

static char *write_digits(char *p, unsigned value, unsigned n)
{
    for (unsigned i = n; i > 0; i--) {
        p[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + n;
}

void mf_time_format(mf_time time, char text[MF_TIME_TEXT])
{
    if (time < 0)
        time = 0;
    if (time > LATEST)
        time = LATEST;

    unsigned day = (unsigned)(time / MF_DAY) + 719468, ms = (unsigned)(time % MF_DAY);

    /* The reverse of days_from_date(), from the same source (civil_from_days). */
    unsigned era = day / 146097, in_era = day % 146097;
    unsigned year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * day_of_year + 2) / 153;
    unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
    unsigned year = era * 400 + year_of_era + (month <= 2);
    char *p = text;

    p = write_digits(p, year, 4);
    *p++ = '-';
    p = write_digits(p, month, 2);
    *p++ = '-';
    p = write_digits(p, day_of_year - (153 * from_march + 2) / 5 + 1, 2);
    *p++ = 'T';
    p = write_digits(p, ms / 3600000, 2);
    *p++ = ':';
    p = write_digits(p, ms / 60000 % 60, 2);
    *p++ = ':';
    p = write_digits(p, ms / 1000 % 60, 2);
    *p++ = '.';
    p = write_digits(p, ms % 1000, 3);
    *p++ = 'Z';
    *p = '\0';
}
