/* base/map.c — open addressing over an insertion-ordered entry array; no deletion, since no caller needs it. */
#include "base/map.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

ut_map ut_map_make(size_t cap_entries)
{
    return (ut_map){.cap = cap_entries};
}

void ut_map_free(ut_map *map)
{
    if (!map) {
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        ut_mem_free((void *)(uintptr_t)map->entries[i].key.ptr);
    }
    ut_mem_free(map->entries);
    ut_mem_free(map->slots);
    *map = (ut_map){.cap = map->cap};
}

/* The slot that holds `key`, or the free one where it belongs. */
static size_t find_slot(const ut_map *map, ut_str key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t slot = hash & mask;
    while (map->slots[slot]) {
        const ut_map_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && ut_str_eq(entry->key, key)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

uint64_t *ut_map_get(const ut_map *map, ut_str key)
{
    if (map->slot_count == 0) {
        return NULL;
    }
    uint32_t number = map->slots[find_slot(map, key, ut_hash_bytes(key, 0))];
    return number ? &map->entries[number - 1].value : NULL;
}

static bool grow(ut_map *map)
{
    size_t room = map->room ? map->room * 2 : 16;
    ut_map_entry *entries = ut_mem_resize(map->entries, room * sizeof *entries);
    if (!entries) {
        return false;
    }
    map->entries = entries;
    uint32_t *slots = ut_mem_zeroed(room * 2, sizeof *slots);
    if (!slots) {
        return false;
    }
    ut_mem_free(map->slots);
    map->slots = slots;
    map->slot_count = room * 2;
    map->room = room;
    for (size_t i = 0; i < map->count; i++) {
        size_t slot = entries[i].hash & (map->slot_count - 1);
        while (slots[slot]) {
            slot = (slot + 1) & (map->slot_count - 1);
        }
        slots[slot] = (uint32_t)(i + 1);
    }
    return true;
}

uint64_t *ut_map_put(ut_map *map, ut_str key)
{
    uint64_t *found = ut_map_get(map, key);
    if (found) {
        return found;
    }
    if (map->count >= map->cap || map->count >= UINT32_MAX - 1) {
        return NULL;
    }
    if (map->count == map->room && !grow(map)) {
        return NULL;
    }
    char *copy = ut_mem_alloc(key.len);
    if (!copy) {
        return NULL;
    }
    if (key.len) {
        memcpy(copy, key.ptr, key.len);
    }
    uint64_t hash = ut_hash_bytes(key, 0);
    ut_map_entry *entry = &map->entries[map->count];
    *entry = (ut_map_entry){.key = {copy, key.len}, .hash = hash};
    map->slots[find_slot(map, key, hash)] = (uint32_t)(map->count + 1);
    map->count++;
    return &entry->value;
}
