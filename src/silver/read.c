/* silver/read.c — records of the truth in order of arrival, up to a batch. */
#include "silver/silver_int.h"

static const char read_sql[] =
    UT_SILVER_SELECT " FROM record r" UT_SILVER_JOIN " WHERE r.seq > ?1 AND r.kind = 1 ORDER BY r.seq";

/* Another version that is newer: edited later, or, edited at the same time, stored later. */
static const char newest_sql[] =
    "SELECT 1 FROM record a, record b WHERE a.seq = ?1 AND b.key = a.key AND b.seq <> a.seq"
    "   AND (b.edited_us, b.version) > (a.edited_us, a.version) LIMIT 1";

static ut_status unwrap_key(ut_silver *silver, ut_silver_row *row, ut_str wrapped, ut_str digest, ut_err *err)
{
    char room[sizeof(ut_key) + UT_SEAL_OVERHEAD];
    ut_buf plain = {.ptr = room, .room = sizeof room, .cap = sizeof room};
    if (wrapped.len == 0) {
        row->erased = true;
        return UT_OK;
    }
    ut_status st = ut_seal_open(&plain, &silver->workspace->keys.wrap, wrapped, digest, err);
    if (st == UT_OK && plain.len != sizeof row->author_key) {
        st = ut_fail(err, UT_CORRUPT, "the key of identity %lld is damaged", (long long)row->author);
    }
    if (st == UT_OK) {
        memcpy(&row->author_key, room, sizeof row->author_key);
    }
    ut_seal_wipe(room, sizeof room);
    return st;
}

static ut_silver_state stopped_by(ut_str state)
{
    return state.len == 0 ? UT_SILVER_SCORED
           : ut_str_eq(state, UT_STR("restricted")) ? UT_SILVER_RESTRICTED
                                                    : UT_SILVER_OBJECTED;
}

static ut_status take_row(ut_silver *silver, ut_silver_row *row, ut_err *err)
{
    ut_stmt *s = silver->read;
    ut_arena *arena = &silver->batch.arena;
    *row = (ut_silver_row){
        .seq = ut_stmt_i64(s, 0),
        .item = ut_stmt_i64(s, 1),
        .version = ut_stmt_i64(s, 2),
        .key = ut_arena_copy(arena, ut_stmt_str(s, 3)),
        .format = (ut_format)ut_stmt_i64(s, 4),
        .source = ut_arena_copy(arena, ut_stmt_str(s, 5)),
        .channel = ut_stmt_i64(s, 6),
        .author = ut_stmt_i64(s, 7),
        .at_us = ut_stmt_i64(s, 8),
        .deleted = ut_stmt_i64(s, 9),
        .machine = ut_stmt_i64(s, 10),
        .bot = ut_stmt_i64(s, 11),
        .member = ut_stmt_i64(s, 12),
        .sealed = ut_arena_copy(arena, ut_stmt_str(s, 15)),
        .reduced = ut_stmt_i64(s, 17),
        .stopped = stopped_by(ut_stmt_str(s, 18)),
        .newest = true,
    };
    if (!row->key.ptr || !row->source.ptr || !row->sealed.ptr) {
        return ut_fail(err, UT_LIMIT, "a batch of records does not fit into its memory");
    }
    return unwrap_key(silver, row, ut_stmt_str(s, 13), ut_stmt_str(s, 14), err);
}

/* One index look-up a record. Outdated versions still go through decoding, since their language counts for the author.
 */
static ut_status find_newest(ut_silver *silver, ut_err *err)
{
    for (size_t i = 0; i < silver->batch.count; i++) {
        ut_silver_row *row = &silver->batch.rows[i];
        bool newer = false;
        ut_stmt_bind_i64(silver->newest, 1, row->seq);
        ut_status st = ut_stmt_step(silver->newest, &newer, err);
        if (st != UT_OK) {
            return st;
        }
        if (newer) {
            row->newest = false;
            ut_stmt_reset(silver->newest);
        }
    }
    return UT_OK;
}

ut_status ut_silver_read(ut_silver *silver, int64_t seq, ut_err *err)
{
    ut_silver_batch *batch = &silver->batch;
    ut_truth *truth = silver->workspace->truth;
    ut_status st = silver->read ? UT_OK : ut_truth_prepare(&silver->read, truth, read_sql, err);
    st = st == UT_OK && !silver->newest ? ut_truth_prepare(&silver->newest, truth, newest_sql, err) : st;
    if (st != UT_OK) {
        return st;
    }
    ut_arena_reset(&batch->arena);
    batch->count = 0;
    size_t bytes = 0;
    bool row = false;
    ut_stmt_bind_i64(silver->read, 1, seq);
    while (batch->count < UT_SILVER_ROWS && bytes < UT_SILVER_BYTES &&
           (st = ut_stmt_step(silver->read, &row, err)) == UT_OK && row) {
        bytes += (size_t)ut_stmt_i64(silver->read, 16);
        if ((st = take_row(silver, &batch->rows[batch->count], err)) != UT_OK) {
            break;
        }
        batch->count++;
    }
    ut_stmt_reset(silver->read);
    return st == UT_OK ? find_newest(silver, err) : st;
}
