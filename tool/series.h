/* tool/series.h
 *
 * How often something happened along a stretch of time whose ends are not known before: a few buckets that grow wider
 * as time goes on. And the picture of it, in block characters. */

#ifndef MF_TOOL_SERIES_H
#define MF_TOOL_SERIES_H

#include "engine.h"

enum { MF_SERIES_BUCKETS = 48, MF_SPARK_TEXT = MF_SERIES_BUCKETS * 3 + 1 };

struct mf_series {
    mf_time begin; /* of the first bucket; width 0: nothing yet */
    mf_time width;
    uint64_t count[MF_SERIES_BUCKETS];
};

void mf_series_add(struct mf_series *series, mf_time time);

/* Brings one that began later, or is finer, to the scale of the other, so that both can stand below each other. */
void mf_series_align(struct mf_series *series, const struct mf_series *to);

/* n values as a row of blocks, the highest being the largest of them; a blank where nothing was. `text` has room for 3n + 1
 * bytes. */
void mf_spark(const uint64_t *value, unsigned n, char *text);

#endif
