/* tool/alert_text.c
 *
 * Columns of alerts. */

#include "alert_text.h"

#include <string.h>

enum { LEVEL = 19, STATE = 7, PROVIDER = 8, FROM = 24 };

const char *mf_level_style(enum mf_level level)
{
    return mf_console_style(stdout, level == MF_ANOMALOUS ? MF_RED : level == MF_SUSPICIOUS ? MF_YELLOW : MF_PLAIN);
}

void mf_alert_head(FILE *out, const char *time, const char *state, size_t user)
{
    fprintf(out, "%s%-19s  %-*s  %-*s  %-*s  %-*s  %-*s  %3s %3s %3s %3s  %s%s\n", mf_console_style(stdout, MF_BOLD),
            time, LEVEL, "level/severity", STATE, state, (int)user, "user", PROVIDER, "provider", FROM, "from", "ask",
            "no", "???", "yes", "incident", mf_console_style(stdout, MF_PLAIN));
}

void mf_alert_columns(FILE *out, const struct mf_alert_columns *columns, size_t user)
{
    char time[MF_TIME_TEXT], level[40], from[MF_IP_TEXT + 8];

    mf_time_format(columns->time, time);
    snprintf(level, sizeof level, "%s/%s", mf_level_name(columns->level), mf_severity_name(columns->severity));
    snprintf(from, sizeof from, "%s%s%s", columns->country, columns->country[0] != '\0' ? " " : "", columns->source);
    fprintf(out, "%.10s %.8s  %s%-*s%s  %-*s  ", time, time + 11, mf_level_style(columns->level), LEVEL, level,
            mf_console_style(stdout, MF_PLAIN), STATE, columns->state);
    mf_console_column(out, columns->user.data, columns->user.length, user);
    mf_console_column(out, columns->provider.data, columns->provider.length, PROVIDER);
    mf_console_column(out, from, strlen(from), FROM);
}

void mf_alert_row(FILE *out, const struct mf_alert_line *alert, const char *state, size_t user)
{
    const struct mf_alert_columns columns = {
        .time = alert->time,
        .level = alert->level,
        .severity = alert->severity,
        .state = state,
        .user = mf_slice_of(alert->user),
        .provider = mf_slice_of(alert->provider),
        .country = alert->country,
        .source = alert->source,
    };

    mf_alert_columns(out, &columns, user);
    fprintf(out, "%3u %3u %3u %3u  ", alert->prompts, alert->denied, alert->timeouts, alert->approved);
    mf_console_text(out, alert->incident, strlen(alert->incident));
    if (alert->users > 0)
        fprintf(out, "  of an address, %u user%s", alert->users, alert->users == 1 ? "" : "s");
    fputc('\n', out);
}
