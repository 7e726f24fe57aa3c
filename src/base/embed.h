/* base/embed.h — files that are part of the binary (scripts/embed.sh makes the tables). */
#ifndef UT_BASE_EMBED_H
#define UT_BASE_EMBED_H

#include <stddef.h>

typedef struct ut_embedded {
    const char *name;  /* base name of the file; NULL ends the table */
    const char *bytes; /* followed by a NUL byte that `len` does not count */
    size_t len;
} ut_embedded;

#endif
