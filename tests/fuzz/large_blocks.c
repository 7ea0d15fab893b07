/* tests/fuzz/large_blocks.c
 *
 * Large blocks of memory that are given back wait for the next of their size. The address sanitizer would unmap them and
 * their shadow, and map and clear all of it again for the next input: most of the time of a target that builds an engine
 * for each. While they wait nobody may touch them, as with the sanitizer. Linked by script/fuzz, with --wrap for malloc,
 * calloc and free, and by no test. */

#include <sanitizer/allocator_interface.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 64 * 1024, WAITING_MAX = 64 };

const char *__asan_default_options(void);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *block);

/* What is small is used again soon, too, and no page of the shadow is mapped anew. */
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=2:thread_local_quarantine_size_kb=512:malloc_context_size=8:"
           "clear_shadow_mmap_threshold=1000000000";
}

static struct {
    void *block;
    size_t size;
    unsigned long since;
} waiting[WAITING_MAX];

static void *take(size_t size)
{
    for (unsigned i = 0; size >= LARGE && i < WAITING_MAX; i++)
        if (waiting[i].block != NULL && waiting[i].size == size) {
            void *block = waiting[i].block;
            waiting[i].block = NULL;
            waiting[i].since = 0;
            __asan_unpoison_memory_region(block, size);
            return block;
        }
    return NULL;
}

void *__wrap_malloc(size_t size)
{
    void *block = take(size);

    return block != NULL ? block : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *block = size != 0 && count > (size_t)-1 / size ? NULL : take(count * size);

    return block != NULL ? memset(block, 0, count * size) : __real_calloc(count, size);
}

/* The longest waiting makes room. */
void __wrap_free(void *block)
{
    static unsigned long now;
    size_t size = block == NULL ? 0 : __sanitizer_get_allocated_size(block);
    unsigned oldest = 0;

    for (unsigned i = 0; size >= LARGE && i < WAITING_MAX; i++) {
        if (waiting[i].block == block)
            abort(); /* given back twice */
        if (waiting[i].since < waiting[oldest].since)
            oldest = i;
    }
    if (size >= LARGE) {
        void *other = waiting[oldest].block;
        waiting[oldest].block = block;
        waiting[oldest].size = size;
        waiting[oldest].since = ++now;
        __asan_poison_memory_region(block, size);
        block = other;
    }
    if (block != NULL)
        __real_free(block);
}
