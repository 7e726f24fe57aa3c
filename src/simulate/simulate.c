/* simulate/simulate.c — the run: options checked, organisation built, day after day played and written.
 *
 * Conversations of a local day reach from half a day before its UTC day (Singapore) to days after (answers). So days go
 * into a ring of buckets, and the bucket of the day before yesterday is written after each day: nothing can reach
 * it. */
#include "simulate/simulate_int.h"

#define TEXT_BYTES_MAX (1 * UT_MIB)
#define FILE_BYTES_MAX (256 * UT_MIB) /* one channel's day, one month's index; far above what 5,000 people write */

ut_rng ut_sim__rng(const ut_sim *sim, const char *tag, uint64_t a, uint64_t b)
{
    ut_rng rng = ut_rng_fork(&sim->root, ut_str_of(tag));
    rng.state = ut_hash_mix(rng.state ^ (a * 0x9E3779B97F4A7C15u + 1), b + 0xD6E8FEB86659FD93u);
    return rng;
}

bool ut_sim__chance(ut_rng *rng, int permille)
{
    return (int)ut_rng_below(rng, 1000) < permille;
}

int ut_sim__range(ut_rng *rng, int from, int to)
{
    return from + (int)ut_rng_below(rng, (uint64_t)(to - from + 1));
}

int ut_sim__bell(ut_rng *rng)
{
    int sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += (int)ut_rng_below(rng, 1001);
    }
    return sum - 6000;
}

void ut_sim__fail(ut_sim *sim, ut_status status, const char *message)
{
    if (sim->failed == UT_OK) {
        sim->failed = ut_fail(sim->err, status, "%s", message);
    }
}

void ut_sim__write(ut_sim *sim, ut_str path, ut_str bytes)
{
    const ut_buf *buffers[] = {&sim->text, &sim->draft, &sim->styled, &sim->file, &sim->part,
                               &sim->zip_header, &sim->zip_directory};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        if (buffers[i]->failed != UT_OK) {
            ut_sim__fail(sim, buffers[i]->failed, "memory or a size limit ended while writing a file");
        }
    }
    if (sim->failed != UT_OK) {
        return;
    }
    sim->failed = sim->out.append(sim->out.ctx, path, bytes, sim->err);
    sim->counts.bytes += bytes.len;
    if (ut_str_starts(path, UT_STR("mail/")) || ut_str_starts(path, UT_STR("slack/"))) {
        sim->talk_bytes += bytes.len;
    }
    sim->counts.digest = ut_hash_bytes(bytes, ut_hash_bytes(path, sim->counts.digest));
    if (sim->options.zip && ut_str_starts(path, UT_STR("slack/"))) {
        ut_sim__zip_add(sim, ut_str_slice(path, strlen("slack/"), path.len), bytes);
    }
}

ut_sim_bucket *ut_sim__bucket(ut_sim *sim, int64_t at_us)
{
    int64_t day = at_us / UT_DAY_US;
    if (day < sim->bucket_day || day >= sim->bucket_day + SIM_BUCKETS) {
        return NULL;
    }
    return &sim->buckets[day % SIM_BUCKETS];
}

ut_sim_options ut_sim_options_default(void)
{
    return (ut_sim_options){.seed = 1, .people = 48, .teams = 5, .weeks = 12, .parts = UT_SIM_ALL,
                            .from_day = ut_time_days_of(2026, 1, 5), .episodes_permille = 200};
}

static ut_status check(const ut_sim_options *o, ut_err *err)
{
    if (o->people < 3 || o->people > UT_SIM_PEOPLE_MAX) {
        return ut_fail(err, UT_INVALID, "people must be 3 to %d, not %u", UT_SIM_PEOPLE_MAX, o->people);
    }
    if (o->teams < 1 || o->teams > o->people / 2) {
        return ut_fail(err, UT_INVALID, "teams must be 1 to %u (half the people), not %u", o->people / 2, o->teams);
    }
    if (o->weeks < 1 || o->weeks > UT_SIM_WEEKS_MAX) {
        return ut_fail(err, UT_INVALID, "weeks must be 1 to %d, not %u", UT_SIM_WEEKS_MAX, o->weeks);
    }
    if (o->from_day < ut_time_days_of(1990, 1, 1) || o->from_day > ut_time_days_of(2200, 1, 1)) {
        return ut_fail(err, UT_INVALID, "the first day must lie between 1990 and 2200");
    }
    if (!(o->parts & UT_SIM_ALL) || o->episodes_permille > 4000) {
        return ut_fail(err, UT_INVALID, "nothing to write, or more than 4 episodes per person-month");
    }
    if (o->bytes_min && !(o->parts & (UT_SIM_MAIL | UT_SIM_CHAT))) {
        return ut_fail(err, UT_INVALID, "a size needs mail or chat to be written");
    }
    return UT_OK;
}

static void open_buffers(ut_sim *sim)
{
    sim->text = ut_buf_make(TEXT_BYTES_MAX);
    sim->draft = ut_buf_make(TEXT_BYTES_MAX);
    sim->styled = ut_buf_make(TEXT_BYTES_MAX);
    sim->part = ut_buf_make(TEXT_BYTES_MAX);
    sim->file = ut_buf_make(FILE_BYTES_MAX);
    sim->truth_messages = ut_buf_make(FILE_BYTES_MAX);
    sim->zip_header = ut_buf_make(TEXT_BYTES_MAX);
    sim->zip_directory = ut_buf_make(FILE_BYTES_MAX);
    size_t keep = 24 * UT_MIB + (size_t)sim->options.people * (24 * UT_KIB + 16 * (size_t)sim->options.weeks);
    bool ok = ut_arena_open(&sim->keep, keep) == UT_OK && ut_arena_open(&sim->scratch, 8 * UT_MIB) == UT_OK;
    for (int i = 0; ok && i < SIM_BUCKETS; i++) {
        ok = ut_arena_open(&sim->buckets[i].arena, 4 * UT_MIB + (size_t)sim->options.people * 128 * UT_KIB) == UT_OK;
    }
    if (!ok) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while opening the simulation");
    }
}

static void close_buffers(ut_sim *sim)
{
    ut_buf *buffers[] = {&sim->text, &sim->draft, &sim->styled, &sim->part, &sim->file,
                         &sim->truth_messages, &sim->zip_header, &sim->zip_directory};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        ut_buf_free(buffers[i]);
    }
    ut_sim__grammar_close(sim);
    for (int i = 0; i < SIM_BUCKETS; i++) {
        ut_arena_close(&sim->buckets[i].arena);
    }
    ut_arena_close(&sim->scratch);
    ut_arena_close(&sim->keep);
}

static void write_bucket(ut_sim *sim)
{
    ut_sim_bucket *bucket = &sim->buckets[sim->bucket_day % SIM_BUCKETS];
    if (sim->options.parts & UT_SIM_CHAT) {
        ut_sim__slack_day_write(sim, bucket, sim->bucket_day);
    }
    if (sim->options.parts & UT_SIM_MAIL) {
        ut_sim__mail_day_write(sim, bucket, sim->bucket_day);
    }
    if (sim->options.parts & UT_SIM_LINES) {
        ut_sim__lines_day_write(sim, bucket);
    }
    ut_arena_reset(&bucket->arena);
    bucket->chats = NULL;
    bucket->mails = NULL;
    bucket->chat_count = bucket->mail_count = 0;
    sim->bucket_day++;
    ut_sim__truth_day_write(sim);
}

static void build(ut_sim *sim)
{
    void (*const steps[])(ut_sim *) = {ut_sim__org_build, ut_sim__org_channels, ut_sim__org_series, ut_sim__plan_build,
                                       ut_sim__people_write};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && sim->failed == UT_OK; i++) {
        steps[i](sim);
    }
    if (sim->failed == UT_OK && sim->options.parts & UT_SIM_CHAT) {
        ut_sim__slack_index_write(sim);
    }
    if (sim->failed == UT_OK && sim->options.parts & UT_SIM_CALENDAR) {
        ut_sim__calendar_begin(sim);
    }
}

static bool wants_more(const ut_sim *sim)
{
    return sim->day < sim->end_day || (sim->options.bytes_min && sim->talk_bytes < sim->options.bytes_min);
}

static void run(ut_sim *sim)
{
    sim->bucket_day = sim->options.from_day - 1;
    for (sim->day = sim->options.from_day; sim->failed == UT_OK && wants_more(sim); sim->day++) {
        ut_sim__day_play(sim);
        while (sim->failed == UT_OK && sim->bucket_day < sim->day) {
            write_bucket(sim);
        }
    }
    /* Answers that would come after the last day are not part of the export. */
    while (sim->failed == UT_OK && sim->bucket_day < sim->day) {
        write_bucket(sim);
    }
}

static void finish(ut_sim *sim)
{
    if (sim->failed == UT_OK && sim->options.parts & UT_SIM_CALENDAR) {
        ut_sim__calendar_end(sim);
    }
    if (sim->failed == UT_OK && sim->options.parts & UT_SIM_WORK) {
        ut_sim__work_end(sim);
    }
    if (sim->failed == UT_OK && sim->options.zip && sim->options.parts & UT_SIM_CHAT) {
        ut_sim__zip_end(sim);
    }
    if (sim->failed == UT_OK) {
        ut_sim__truth_write(sim);
    }
}

ut_status ut_simulate(ut_sim_counts *ret_counts, const ut_sim_out *out, const ut_sim_options *options, ut_err *err)
{
    ut_status st = check(options, err);
    if (st != UT_OK) {
        return st;
    }
    ut_sim *sim = ut_mem_zeroed(1, sizeof *sim);
    if (!sim) {
        return ut_fail(err, UT_NOMEM, "memory ended while opening the simulation");
    }
    sim->options = *options;
    sim->out = *out;
    sim->err = err;
    sim->root = (ut_rng){ut_hash_u64(options->seed + 0x5EED)};
    sim->end_day = options->from_day + 7 * (int64_t)options->weeks;
    open_buffers(sim);
    if (sim->failed == UT_OK && ut_sim__grammar_open(sim) != UT_OK) {
        ut_sim__fail(sim, UT_NOMEM, "memory ended while reading the grammar");
    }
    build(sim);
    run(sim);
    finish(sim);
    st = sim->failed;
    if (st == UT_OK) {
        *ret_counts = sim->counts;
    }
    close_buffers(sim);
    ut_mem_free(sim);
    return st;
}
