/* tool/coverage_json.c
 *
 * Members. */

#include "coverage_json.h"

static void write_counts(struct mf_output *output, const struct mf_cover_feed *feed)
{
    mf_json_begin(output, "kinds");
    for (unsigned kind = 0; kind < MF_N_KINDS; kind++)
        mf_json_count(output, mf_kind_name((enum mf_kind)kind), feed->kind[kind]);
    mf_json_end(output, "kinds");
    mf_json_begin(output, "outcomes");
    for (unsigned factor = 0; factor < MF_N_FACTORS; factor++) {
        bool begun = false;

        for (unsigned kind = 0; kind < MF_N_KINDS; kind++) {
            if (feed->outcome[factor][kind] == 0)
                continue;
            if (!begun)
                mf_json_begin(output, mf_factor_name((enum mf_factor)factor));
            begun = true;
            mf_json_count(output, mf_kind_name((enum mf_kind)kind), feed->outcome[factor][kind]);
        }
        if (begun)
            mf_json_end(output, mf_factor_name((enum mf_factor)factor));
    }
    mf_json_end(output, "outcomes");
    mf_json_begin(output, "fields");
    for (unsigned f = 0; f < MF_COVER_FIELDS; f++)
        if (feed->of[f] > 0)
            mf_json_degrees(output, mf_cover_field_names[f], (double)feed->has[f] / (double)feed->of[f]);
    mf_json_end(output, "fields");
}

static void write_names(struct mf_output *output, const struct mf_signal_support *support, enum mf_support which)
{
    mf_json_array_begin(output, mf_support_name(which));
    for (unsigned s = 0; s < mf_n_signals; s++)
        if (support[s].support == which)
            mf_json_array_slice(output, mf_slice_of(mf_signals[s]->name));
    mf_json_array_end(output);
}

static void write_lack(struct mf_output *output, const struct mf_lack *lack)
{
    mf_json_begin(output, lack->what);
    mf_json_text(output, "meaning", lack->meaning);
    mf_json_slice(output, "why", lack->why);
    mf_json_slice(output, "do", lack->how);
    mf_json_end(output, lack->what);
}

static bool is_told(const struct mf_signal_support *support, unsigned signal, unsigned upto, const char *what)
{
    for (unsigned s = 0; s <= signal; s++)
        for (unsigned i = 0; i < (s == signal ? upto : support[s].n); i++)
            if (support[s].lack[i].what == what)
                return true;
    return false;
}

void mf_json_support(struct mf_output *output, const struct mf_signal_support *support)
{
    for (int which = MF_WORKS; which <= MF_OFF; which++)
        write_names(output, support, (enum mf_support)which);
    mf_json_begin(output, "missing");
    for (unsigned s = 0; s < mf_n_signals; s++)
        for (unsigned i = 0; i < support[s].n; i++)
            if (!is_told(support, s, i, support[s].lack[i].what))
                write_lack(output, &support[s].lack[i]);
    mf_json_end(output, "missing");
}

void mf_json_feed(struct mf_output *output, const struct mf_coverage *coverage, const struct mf_cover_feed *feed,
                  const struct mf_signal_support *support, mf_time as_of, mf_time silence)
{
    mf_json_begin(output, NULL);
    mf_json_text(output, "feed", feed->idp);
    mf_json_text(output, "tenant", feed->tenant);
    if (feed->profile >= 0)
        mf_json_text(output, "profile", mf_profiles_name(coverage->profiles, (size_t)feed->profile));
    mf_json_time(output, "first", feed->first);
    mf_json_time(output, "last", feed->last);
    mf_json_count(output, "age_s", (uint64_t)((as_of > feed->last ? as_of - feed->last : 0) / MF_SECOND));
    mf_json_bool(output, "silent", as_of - feed->last > silence);
    mf_json_count(output, "events", feed->events);
    mf_json_count(output, "prompts", feed->prompts);
    write_counts(output, feed);
    mf_json_count(output, "late", feed->late);
    mf_json_count(output, "too_late", feed->too_late);
    mf_json_count(output, "duplicates", feed->duplicates);
    mf_json_count(output, "future", feed->clamped);
    mf_json_support(output, support);
    mf_json_end(output, NULL);
}

void mf_json_unread(struct mf_output *output, const struct mf_coverage *coverage, unsigned profile)
{
    const struct mf_cover_reader *reader = &coverage->reader[profile];

    if (reader->ignored + reader->unmapped + reader->broken == 0)
        return;
    mf_json_begin(output, NULL);
    mf_json_text(output, "profile", mf_profiles_name(coverage->profiles, profile));
    mf_json_count(output, "ignored", reader->ignored);
    mf_json_count(output, "broken", reader->broken);
    mf_json_count(output, "unmapped", reader->unmapped);
    mf_json_array_begin(output, "values");
    for (unsigned i = 0; i < reader->n; i++)
        mf_json_array_slice(output, mf_slice_of(reader->value[i].value));
    mf_json_array_end(output);
    mf_json_end(output, NULL);
    for (unsigned i = 0; i < reader->n; i++) {
        mf_json_begin(output, NULL);
        mf_json_text(output, "value", reader->value[i].value);
        mf_json_text(output, "of", mf_profiles_name(coverage->profiles, profile));
        mf_json_count(output, "count", reader->value[i].n);
        mf_json_end(output, NULL);
    }
}

void mf_json_skips(struct mf_output *output, const struct mf_coverage *coverage)
{
    mf_json_begin(output, NULL);
    mf_json_count(output, "records", coverage->records);
    mf_json_begin(output, "skipped");
    for (unsigned skip = MF_SKIP_NONE + 1; skip < MF_N_SKIPS; skip++)
        mf_json_count(output, mf_skip_name((enum mf_skip)skip), coverage->skips[skip]);
    mf_json_end(output, "skipped");
    mf_json_end(output, NULL);
}
