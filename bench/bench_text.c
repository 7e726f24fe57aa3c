/* bench/bench_text.c — how fast are cleaning and language identification on mail-like and chat-like text?
 *
 *     bench-text [SECONDS [WHAT]] one CSV row per measurement: what, bytes, texts, MB/s, us/text
 *
 * Texts are put together from sentences, quotes, footers, code and logs of our own with a fixed seed, so that the
 * figure can be compared over time; real mail is within a third of it. Texts are cleaned in an arena that is reset
 * after each, as analysis does.
 */
#include "text/clean.h"
#include "text/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TEXTS 2000
#define BYTES_MAX (8 * UT_MIB)

static const char *const SENTENCES[] = {
    "I had a look at the numbers this morning and they are better than last week. ",
    "Could you please check whether the invoice went out? ",
    "Honestly, I am a bit worried about the schedule. ",
    "The new page is live, thanks to everyone who helped! ",
    "We will talk about it tomorrow at ten. ",
    "It doesn't work on my machine, and I have no idea why. ",
    "That is great news, congratulations :tada: ",
    "See https://tracker.shop.example/browse/SHOP-1234 for the details. ",
    "I'd rather wait until Monday; nobody is in the office anyway. ",
    "sounds good ", "ok, on it ", "lol, same here ", "Schöne Grüße aus dem Norden 😀 ",
};

static const char *const MAIL_TAILS[] = {
    "\n\nBest regards,\nAnna Schmidt\nHead of Sales\nTel. +49 30 1234567\n",
    "\n\n-- \nTom Weber\nShop GmbH\nhttp://www.shop.example\n",
    "\n_______________________________________________\ndevel mailing list\ndevel@lists.shop.example\n"
    "https://lists.shop.example/listinfo/devel\n",
    "\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.\n"
    "If you are not the intended recipient, please delete it and notify the sender.\n",
    "\n",
};

static const char *const QUOTES[] = {
    "\n\nOn Mon, Apr 3, 2023 at 6:26 PM Megan Onell <megan@shop.example> wrote:\n\n",
    "\n\nAm 03.05.2023 um 12:00 schrieb Anna Schmidt <anna@shop.example>:\n",
};

static const char *const CODE = "\n\n```\nfor (int i = 0; i < n; i++) {\n    sum += a[i];\n}\n```\n";
static const char *const TRACE = "\njava.lang.IllegalStateException: no stock\n\tat com.shop.Cart.sell(Cart.java:12)\n"
                                 "\tat com.shop.Main.main(Main.java:3)\n";

typedef struct corpus {
    char *bytes;
    ut_str texts[TEXTS];
    size_t len;
} corpus;

static void add(corpus *c, const char *text)
{
    size_t len = strlen(text);
    UT_ASSERT(c->len + len < BYTES_MAX);
    memcpy(c->bytes + c->len, text, len);
    c->len += len;
}

static const char *any(ut_rng *rng, const char *const *table, size_t count)
{
    return table[ut_rng_below(rng, count)];
}

#define ANY(rng, table) any(rng, table, sizeof(table) / sizeof *(table))

/* Sentences, wrapped at about 72 columns as mail programs do. */
static void add_sentences(corpus *c, ut_rng *rng, size_t count, const char *line_start)
{
    size_t column = 0;
    for (size_t i = 0; i < count; i++) {
        const char *sentence = ANY(rng, SENTENCES);
        if (*line_start && column == 0) {
            add(c, line_start);
        }
        add(c, sentence);
        column += strlen(sentence);
        if (column > 60 && (i + 1 < count || *line_start)) {
            add(c, "\n");
            column = 0;
        }
    }
}

static void make_corpus(corpus *c, bool mail)
{
    ut_rng rng = {.state = 7};
    for (size_t i = 0; i < TEXTS; i++) {
        size_t from = c->len;
        add_sentences(c, &rng, mail ? 3 + ut_rng_below(&rng, 15) : 1 + ut_rng_below(&rng, 3), "");
        if (ut_rng_below(&rng, 20) == 0) {
            add(c, ut_rng_below(&rng, 2) ? CODE : TRACE);
        }
        if (mail) {
            add(c, ANY(&rng, MAIL_TAILS));
        }
        if (mail && ut_rng_below(&rng, 2)) {
            add(c, ANY(&rng, QUOTES));
            add_sentences(c, &rng, 5 + ut_rng_below(&rng, 20), "> ");
        }
        c->texts[i] = (ut_str){c->bytes + from, c->len - from};
    }
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void report(const char *what, double seconds, double bytes, double texts)
{
    printf("%s,%.0f,%.0f,%.0f,%.3f\n", what, bytes, texts, bytes / seconds * 1e-6, seconds / texts * 1e6);
}

static void bench_clean(const char *what, const corpus *c, ut_clean_kind kind, double least)
{
    ut_arena keep, scratch;
    if (ut_arena_open(&keep, UT_MIB) != UT_OK || ut_arena_open(&scratch, 16 * UT_MIB) != UT_OK) {
        return;
    }
    double start = now(), seconds = 0;
    size_t rounds = 0;
    for (; seconds < least; rounds++) {
        for (size_t i = 0; i < TEXTS; i++) {
            ut_clean clean;
            ut_arena_reset(&keep);
            UT_ASSERT(ut_text_clean(&keep, &clean, scratch, c->texts[i], kind) == UT_OK);
        }
        seconds = now() - start;
    }
    report(what, seconds, (double)rounds * (double)c->len, (double)rounds * TEXTS);
    ut_arena_close(&keep);
    ut_arena_close(&scratch);
}

static void bench_lang(const corpus *c, double least)
{
    double start = now(), seconds = 0;
    size_t rounds = 0, sure = 0;
    for (; seconds < least; rounds++) {
        for (size_t i = 0; i < TEXTS; i++) {
            sure += ut_lang_detect(c->texts[i]).sure;
        }
        seconds = now() - start;
    }
    report("lang-chat", seconds, (double)rounds * (double)c->len, (double)rounds * TEXTS);
    fprintf(stderr, "sure of %.1f %%\n", 100.0 * (double)sure / ((double)rounds * TEXTS));
}

int main(int argc, char **argv)
{
    double least = argc > 1 ? strtod(argv[1], NULL) : 1.0;
    static corpus mail, chat;
    mail.bytes = ut_mem_alloc(BYTES_MAX);
    chat.bytes = ut_mem_alloc(BYTES_MAX);
    if (!mail.bytes || !chat.bytes) {
        return 1;
    }
    make_corpus(&mail, true);
    make_corpus(&chat, false);
    puts("what,bytes,texts,MB/s,us/text");
    const char *what = argc > 2 ? argv[2] : "";
    if (strstr("clean-mail", what)) {
        bench_clean("clean-mail", &mail, UT_CLEAN_MAIL, least);
    }
    if (strstr("clean-chat", what)) {
        bench_clean("clean-chat", &chat, UT_CLEAN_CHAT, least);
    }
    if (strstr("lang-chat", what)) {
        bench_lang(&chat, least);
    }
    mail.bytes = ut_mem_free(mail.bytes);
    chat.bytes = ut_mem_free(chat.bytes);
    return 0;
}
