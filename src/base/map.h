/* base/map.h — string → 64-bit value, in memory, growing up to a cap.
 *
 *     ut_map map = ut_map_make(100000);
 *     uint64_t *slot = ut_map_put(&map, key);      // value slot, 0 when new; NULL when memory or the cap ends
 *     uint64_t *found = ut_map_get(&map, key);     // NULL when absent
 *     ut_map_free(&map);
 *
 * Keys are copied. A slot's address is good until the next put. Iteration goes in the order of insertion. const calls
 * may run in parallel.
 */
#ifndef UT_BASE_MAP_H
#define UT_BASE_MAP_H

#include "undertone/base.h"

typedef struct ut_map_entry {
    ut_str key;     /* owned by the map */
    uint64_t hash;
    uint64_t value;
} ut_map_entry;

typedef struct ut_map {
    ut_map_entry *entries; /* in order of insertion */
    uint32_t *slots;       /* entry number + 1, 0 = free; a power of two of them */
    size_t count;
    size_t room;           /* entries allocated */
    size_t slot_count;
    size_t cap;            /* never more entries than this */
} ut_map;

ut_map ut_map_make(size_t cap_entries);
void ut_map_free(ut_map *map);
uint64_t *ut_map_put(ut_map *map, ut_str key);
uint64_t *ut_map_get(const ut_map *map, ut_str key);

#endif
