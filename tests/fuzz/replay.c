/* tests/fuzz/replay.c
 *
 * A main() that runs one fuzz target over its corpus, without a fuzzer: replay_NAME reads tests/fuzz/corpus/NAME, or the
 * files and directories that it is given. An input that once broke something is kept there and cannot break it again. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned n_inputs;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *data;
    size_t size;

    if (file == NULL || fstat(fileno(file), &status) < 0) {
        perror(path);
        exit(1);
    }
    size = (size_t)status.st_size;
    /* exactly as large as the input, so that a sanitizer sees a read behind its end */
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    printf("# %s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    n_inputs++;
}

static void replay(const char *path)
{
    struct dirent **entries;
    struct stat status;
    int n;

    if (stat(path, &status) < 0) {
        perror(path);
        exit(1);
    }
    if (!S_ISDIR(status.st_mode)) {
        replay_file(path);
        return;
    }
    n = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char inner[4096];

        if (entries[i]->d_name[0] != '.') {
            snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
            replay(inner);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* The corpus of NAME; NAME_MORE without one of its own shares that of NAME. */
static void replay_corpus(const char *name)
{
    const char *top = getenv("MF_SRCDIR");
    char path[4096], *last;
    struct stat status;

    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", top == NULL ? "." : top, name);
    while (stat(path, &status) < 0 && (last = strrchr(path, '_')) != NULL && strchr(last, '/') == NULL)
        *last = '\0';
    replay(path);
}

int main(int argc, char **argv)
{
    const char *name = strstr(argv[0], "replay_");

    if (argc > 1)
        for (int i = 1; i < argc; i++)
            replay(argv[i]);
    else if (name != NULL)
        replay_corpus(name + strlen("replay_"));
    printf("%s 1 - survives the %u inputs of its corpus\n1..1\n", n_inputs > 0 ? "ok" : "not ok", n_inputs);
    return n_inputs > 0 ? 0 : 1;
}
