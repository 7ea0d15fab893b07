/* src/read/marker_set.c
 *
 * A set of markers, and which of two ways the search goes: by windows, many places at a time, where the machine has AVX2
 * (marker_wide.c), else by grams, a stride at a time (marker_grams.c). The cost of either hardly depends on how many
 * markers there are. Both find the same. */

#include "read/marker_model.h"

#include <stdlib.h>

struct mf_markers *mf_markers_new(void)
{
    return calloc(1, sizeof(struct mf_markers));
}

void mf_markers_free(struct mf_markers *markers)
{
    free(markers);
}

bool mf_marker_is_fine(struct mf_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < 0x20 || text.data[i] > 0x7E)
            return false;
    return text.length >= MF_MARKER_MIN && text.length <= MF_MARKER_MAX;
}

bool mf_markers_add(struct mf_markers *markers, struct mf_slice text, bool nocase, unsigned owner)
{
    struct marker *marker = &markers->marker[markers->n_markers];

    if (markers->n_markers == MF_MARKERS_MAX || owner > 63 || !mf_marker_is_fine(text))
        return false;
    *marker = (struct marker){.length = (uint8_t)text.length, .nocase = nocase, .owner = (uint8_t)owner};
    for (size_t i = 0; i < text.length; i++)
        marker->text[i] = nocase ? mf_ascii_lower(text.data[i]) : text.data[i];
    markers->n_markers++;
    markers->owners |= UINT64_C(1) << owner;
    return true;
}

void mf_markers_prepare(struct mf_markers *markers)
{
    mf_marker_windows(markers);
    mf_marker_grams(markers);
    mf_markers_widen(markers);
}

void mf_markers_widen(struct mf_markers *markers)
{
#if defined(__x86_64__)
    markers->wide = __builtin_cpu_supports("avx2");
#else
    markers->wide = false;
#endif
}

void mf_markers_narrow(struct mf_markers *markers)
{
    markers->wide = false;
}

static bool is_alike(const struct gram *one, const struct gram *other)
{
    return one->word == other->word && one->begin == other->begin && one->offset == other->offset;
}

/* Those that are alike follow each other. */
void mf_marker_add_gram(const struct mf_markers *markers, unsigned marker, unsigned offset, uint16_t *head,
                        struct gram *grams, unsigned number)
{
    const char *text = markers->marker[marker].text;
    struct gram *gram = &grams[number], *alike = NULL;

    *gram = (struct gram){.word = mf_marker_fold(text + offset),
                          .begin = mf_marker_fold(text),
                          .marker = (uint16_t)marker,
                          .offset = (uint8_t)offset,
                          .owner = markers->marker[marker].owner};
    head += mf_marker_hash(gram->word);
    for (unsigned next = *head; next != 0 && alike == NULL; next = grams[next - 1].other)
        if (is_alike(&grams[next - 1], gram))
            alike = &grams[next - 1];
    if (alike == NULL) {
        gram->next = gram->other = *head;
        *head = (uint16_t)(number + 1);
    } else {
        gram->next = alike->next;
        gram->other = alike->other;
        alike->next = (uint16_t)(number + 1);
    }
}

/* ---- searching ---- */

static bool stands_at(const struct marker *marker, const char *text)
{
    if (!marker->nocase)
        return memcmp(text, marker->text, marker->length) == 0;
    for (unsigned i = 0; i < marker->length; i++)
        if (mf_ascii_lower(text[i]) != marker->text[i])
            return false;
    return true;
}

/* Of two ways to search neither may choose: the first marker is the one that begins first, and with it all that begin
 * there. */
static void note(struct mf_marker_search *search, const struct marker *marker, size_t start)
{
    uint64_t owner = UINT64_C(1) << marker->owner;

    if (!search->any || start == search->first) {
        search->found |= owner;
    } else if (start < search->first) {
        search->found = owner;
        search->first = start;
    }
}

/* The marker would begin at `start`, which may be too near to the end of the bytes. Notes it when it does. */
static void compare(struct mf_marker_search *search, const struct marker *marker, size_t start)
{
    if (search->length - start < marker->length || (!search->any && (search->found >> marker->owner & 1) != 0))
        return;
    if (stands_at(marker, search->bytes + start))
        note(search, marker, start);
}

void mf_marker_compare_from(struct mf_marker_search *search, size_t at, const struct gram *grams, unsigned next)
{
    uint32_t word = mf_marker_fold(search->bytes + at);

    while (next != 0) {
        const struct gram *gram = &grams[next - 1];

        next = gram->other;
        if (!mf_marker_may_stand(search, gram, word, at))
            continue;
        compare(search, &search->markers->marker[gram->marker], at - gram->offset);
        next = gram->next;
    }
}

uint64_t mf_markers_find(const struct mf_markers *markers, const char *bytes, size_t length, bool any)
{
    struct mf_marker_search search = {
        .markers = markers, .bytes = bytes, .length = length, .any = any, .first = SIZE_MAX};

    if (markers->n_markers == 0 || length < MF_MARKER_MIN)
        return 0;
    if (markers->wide && length >= WINDOW_BYTES)
        mf_marker_search_windows(&search);
    else
        mf_marker_search_grams(&search);
    return search.found;
}
