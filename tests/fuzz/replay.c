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

int main(int argc, char **argv)
{
    const char *top = getenv("MF_SRCDIR"), *name = strstr(argv[0], "replay_");
    char corpus[4096];

    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            replay(argv[i]);
    } else if (name != NULL) {
        snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", top == NULL ? "." : top, name + strlen("replay_"));
        replay(corpus);
    }
    printf("%s 1 - %s survives its %u inputs\n1..1\n", n_inputs > 0 ? "ok" : "not ok", argv[0], n_inputs);
    return n_inputs > 0 ? 0 : 1;
}
