/* simulate/lines_write.c — chat.ndjson: the product's own record format, as a bridge from another chat would write it.
 * Some conversations of technical teams take place there instead of in Slack. */
#include "simulate/simulate_int.h"

#include <stdio.h>
#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
    const ut_sim_chat *x = *(ut_sim_chat *const *)a, *y = *(ut_sim_chat *const *)b;
    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return x->seq < y->seq ? -1 : 1;
}

/* A mention becomes @**Name**. */
static void put_text(ut_sim *sim, ut_buf *to, ut_str text)
{
    ut_buf_clear(&sim->part);
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] != '\x01') {
            ut_buf_byte(&sim->part, text.ptr[at]);
            continue;
        }
        size_t end = ut_str_find_byte(text, '\x02', at);
        int64_t person = 0;
        (void)ut_str_to_i64(ut_str_slice(text, at + 1, end), &person);
        ut_buf_format(&sim->part, "@**" UT_STR_FMT "**", UT_STR_ARG(sim->people[person].name));
        at = end;
    }
    ut_buf_json_str(to, ut_buf_str(&sim->part));
}

static void put_line(ut_sim *sim, ut_buf *to, const ut_sim_chat *m)
{
    const ut_sim_person *p = &sim->people[m->author];
    char at[32], id[32];
    size_t at_len = ut_time_format(at, m->at_us / UT_SECOND_US * UT_SECOND_US);
    size_t id_len = (size_t)snprintf(id, sizeof id, "%llu", (unsigned long long)m->seq + 400000);
    ut_buf_format(to, "{\"kind\":\"message\",\"source\":\"zulip\",\"id\":\"%s\",\"author\":\"" UT_STR_FMT
                      "\",\"at\":\"%.*s\",\"text\":", id, UT_STR_ARG(p->email), (int)at_len, at);
    put_text(sim, to, m->text);
    ut_buf_puts(to, ",\"channel\":");
    ut_buf_json_str(to, sim->channels[m->channel].name);
    ut_buf_puts(to, ",\"channel_kind\":\"public\"");
    if (m->reaction_count) {
        ut_buf_puts(to, ",\"reactions\":[");
        for (int i = 0; i < m->reaction_count; i++) {
            ut_buf_format(to, "%s{\"emoji\":\":%s:\",\"count\":%d}", i ? "," : "",
                          ut_sim_reaction_names[m->reactions[i].name], m->reactions[i].count);
        }
        ut_buf_byte(to, ']');
    }
    ut_buf_puts(to, "}\n");
    ut_sim__truth_message(sim, UT_STR("zulip"), (ut_str){id, id_len}, m->author, m->at_us, m->features);
    sim->counts.line_messages++;
}

void ut_sim__lines_day_write(ut_sim *sim, ut_sim_bucket *bucket)
{
    ut_sim_chat **sorted = ut_new(&bucket->arena, ut_sim_chat *, bucket->chat_count + 1);
    if (!sorted) {
        ut_sim__fail(sim, UT_LIMIT, "a day's messages do not fit into its arena");
        return;
    }
    uint32_t count = 0;
    for (ut_sim_chat *m = bucket->chats; m; m = m->next) {
        if (m->form == FORM_LINE) {
            sorted[count++] = m;
        }
    }
    qsort(sorted, count, sizeof *sorted, by_time);
    ut_buf_clear(&sim->file);
    for (uint32_t i = 0; i < count; i++) {
        put_line(sim, &sim->file, sorted[i]);
    }
    if (count) {
        ut_sim__write(sim, UT_STR("chat.ndjson"), ut_buf_str(&sim->file));
    }
}
