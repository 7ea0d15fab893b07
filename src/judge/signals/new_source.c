/* src/judge/signals/new_source.c
 *
 * The login behind the prompt comes from a country, an operator (ASN) or a network that this user was never accepted
 * from. Users with less than a week of history are compared with what their tenant uses. */

#include "judge/signal.h"

static bool evaluate(const struct mf_context *context, struct mf_finding *finding)
{
    const struct mf_signal_conf *conf = context->conf;
    const struct mf_place *place = context->place;

    /* the place belongs to the record in hand, and an answer's address may be the phone's */
    if (!context->current || context->event->answer_source || place->familiarity == MF_FAMILIARITY_UNKNOWN)
        return false;

    finding->points = place->new_country ? conf->country_points : place->new_asn ? conf->asn_points : 0;
    if (finding->points == 0 && place->new_network)
        finding->points = conf->network_points;
    finding->observed = finding->threshold = 1;
    return finding->points > 0;
}

static const struct mf_option options[] = {
    MF_SIGNAL_ENABLED,
    {"country_points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, country_points), 0, 100, "30", NULL,
     "points for a country that is not known"},
    {"asn_points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, asn_points), 0, 100, "20", NULL,
     "points for an operator (ASN) that is not known, in a known country"},
    {"network_points", MF_OPTION_COUNT, offsetof(struct mf_signal_conf, network_points), 0, 100, "10", NULL,
     "points for a network (/24 or /48) that is not known, of a known operator"},
    {0},
};

const struct mf_signal mf_signal_new_source = {
    .name = "new_source",
    .title = "source that is new for the user",
    .question = "Is the country, operator or network of the login new for this user?",
    .group = MF_GROUP_SOURCE,
    .hint = true,
    .options = options,
    .evaluate = evaluate,
};
