/* tool/clock.c
 *
 * Clocks. */

#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

mf_time mf_clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (mf_time)time.tv_sec * MF_SECOND + time.tv_nsec / 1000000;
}

int64_t mf_clock_running(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void mf_clock_rest(int64_t milliseconds)
{
    struct timespec rest = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};

    while (milliseconds > 0 && nanosleep(&rest, &rest) != 0 && errno == EINTR)
        ;
}

bool mf_clock_moment(const char *text, mf_time *moment)
{
    static const struct {
        char letter;
        mf_time length;
    } units[] = {{'s', MF_SECOND}, {'m', MF_MINUTE}, {'h', MF_HOUR}, {'d', MF_DAY}};
    size_t digits = strspn(text, "0123456789");

    if (digits > 0 && digits < 7 && strlen(text) == digits + 1)
        for (unsigned i = 0; i < sizeof units / sizeof units[0]; i++)
            if (units[i].letter == text[digits]) {
                *moment = mf_clock_now() - (mf_time)strtoul(text, NULL, 10) * units[i].length;
                return true;
            }
    return mf_time_parse_iso(mf_slice_of(text), 0, moment);
}
