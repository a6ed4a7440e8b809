/* Preloaded: every fsync and fdatasync takes SLOW_SYNC_US microseconds longer, as on a disk that is not a cache. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *words = getenv("SLOW_SYNC_US");
    long more = words ? atol(words) : 0;
    struct timespec wait = {more / 1000000, more % 1000000 * 1000};
    nanosleep(&wait, NULL);
    return real(file);
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
