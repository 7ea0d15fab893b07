/* tests/bench/choose.c
 *
 *     choose PROFILE_DIR N FEED
 *
 * Reads each line of FEED N times with all profiles of a directory, as fast as judging does, and says what a line cost and how
 * many were no provider's. Under callgrind the difference between two N gives instructions per line (script/bench). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "read/profile.h"

enum { LINE_SIZE = 1 << 16 };

static unsigned long events, strangers, others;

static void count(void *context, const struct mf_reading *reading)
{
    (void)context;
    if (reading->event != NULL)
        events++;
    else if (reading->skip == MF_SKIP_NOT_IDP || reading->skip == MF_SKIP_NO_JSON)
        strangers++;
    else
        others++;
}

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(const struct mf_profiles *profiles, struct mf_reader *reader, long n, FILE *feed)
{
    static char line[LINE_SIZE];
    double spent = 0;
    long lines = 0;

    while (fgets(line, sizeof line, feed) != NULL) {
        size_t length = strcspn(line, "\n");
        double begin = cpu_seconds();

        for (long i = 0; i < n; i++)
            mf_reader_read(reader, profiles, NULL, line, length, 1772442877412, count, NULL);
        spent += cpu_seconds() - begin;
        lines += n;
    }
    printf("{\"lines\": %ld, \"events\": %lu, \"strangers\": %lu, \"others\": %lu, \"cpu_us_per_line\": %.4f}\n", lines,
           events, strangers, others, spent * 1e6 / (double)(lines == 0 ? 1 : lines));
    return 0;
}

int main(int argc, char **argv)
{
    struct mf_error error = {""};
    struct mf_profiles *profiles = argc == 4 ? mf_profiles_load(argv[1], NULL, 0, &error) : NULL;
    struct mf_reader *reader = profiles == NULL ? NULL : mf_reader_new(&mf_record_default_limits, &error);
    FILE *feed = argc == 4 ? fopen(argv[3], "r") : NULL;
    int code = 1;

    if (reader != NULL && feed != NULL) {
        mf_reader_hurry(reader, true);
        code = run(profiles, reader, atol(argv[2]), feed);
    } else {
        fprintf(stderr, "choose PROFILE_DIR N FEED: %s\n", error.text);
    }
    if (feed != NULL)
        fclose(feed);
    mf_reader_free(reader);
    mf_profiles_free(profiles);
    return code;
}
