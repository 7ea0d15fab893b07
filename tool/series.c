/* tool/series.c
 *
 * Buckets and blocks. */

#include "series.h"

static mf_time floor_to(mf_time time, mf_time width)
{
    mf_time rest = time % width;

    return time - (rest < 0 ? rest + width : rest);
}

/* Widths are minutes times a power of two, and begins multiples of it, so that any two series can be aligned. */
static void widen(struct mf_series *series)
{
    mf_time begin = floor_to(series->begin, series->width * 2);
    unsigned shift = begin < series->begin;
    uint64_t count[MF_SERIES_BUCKETS] = {0};

    for (unsigned i = 0; i < MF_SERIES_BUCKETS; i++)
        count[(i + shift) / 2] += series->count[i];
    memcpy(series->count, count, sizeof count);
    series->begin = begin;
    series->width *= 2;
}

/* Older ones come first seldom, and mean that all moves back. */
static void reach_back(struct mf_series *series, mf_time time)
{
    while (time < series->begin) {
        unsigned used = 0;
        mf_time begin = floor_to(time, series->width);
        uint64_t steps = (uint64_t)((series->begin - begin) / series->width);

        for (unsigned i = 0; i < MF_SERIES_BUCKETS; i++)
            if (series->count[i] > 0)
                used = i + 1;
        if (used + steps > MF_SERIES_BUCKETS) {
            widen(series);
            continue;
        }
        memmove(series->count + steps, series->count, used * sizeof *series->count);
        memset(series->count, 0, (size_t)steps * sizeof *series->count);
        series->begin = begin;
    }
}

void mf_series_add(struct mf_series *series, mf_time time)
{
    if (series->width == 0) {
        series->width = MF_MINUTE;
        series->begin = floor_to(time, series->width);
    }
    reach_back(series, time);
    while (time >= series->begin + MF_SERIES_BUCKETS * series->width)
        widen(series);
    series->count[(time - series->begin) / series->width]++;
}

void mf_series_align(struct mf_series *series, const struct mf_series *to)
{
    if (series->width == 0 || to->width == 0)
        return;
    while (series->width < to->width)
        widen(series);
    reach_back(series, to->begin);
}

void mf_spark(const uint64_t *value, unsigned n, char *text)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t most = 0;

    for (unsigned i = 0; i < n; i++)
        most = value[i] > most ? value[i] : most;
    *text = '\0';
    for (unsigned i = 0; i < n; i++) {
        const char *block = value[i] == 0 ? " " : blocks[most == 0 ? 0 : (value[i] * 7 + most - 1) / most];
        size_t length = strlen(block);

        memcpy(text, block, length + 1);
        text += length;
    }
}
