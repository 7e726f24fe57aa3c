/* tests/unit/text/clean.c — the cleaner against messages written by hand, and its promises on any input. */
#include "harness/test.h"

#include "text/clean.h"
#include "text/clean_int.h"

#include <stdio.h>
#include <time.h>

static const char *const REASONS[UT_STRIPS] = {"quote", "signature", "footer", "forward", "code", "log"};

typedef struct fixture {
    ut_arena keep, scratch;
    ut_clean clean;
} fixture;

static void fixture_open(ut_test *t, fixture *f)
{
    *f = (fixture){0};
    UT_REQUIRE(ut_arena_open(&f->keep, 4 * UT_MIB) == UT_OK);
    UT_REQUIRE(ut_arena_open(&f->scratch, 16 * UT_MIB) == UT_OK);
}

static void fixture_close(fixture *f)
{
    ut_arena_close(&f->keep);
    ut_arena_close(&f->scratch);
}

static ut_str clean_as(ut_test *t, fixture *f, ut_str text, ut_clean_kind kind)
{
    ut_arena_reset(&f->keep);
    UT_REQUIRE(ut_text_clean(&f->keep, &f->clean, f->scratch, text, kind) == UT_OK);
    return f->clean.text;
}

/* What must hold for every text: valid UTF-8, ascending pieces, copies that are copies, reasons that add up. */
static void check_promises(ut_test *t, const ut_clean *clean, ut_str text)
{
    UT_EXPECT_I64(ut_str_utf8_valid(clean->text), clean->text.len);
    uint64_t stripped = 0;
    for (int k = 0; k < UT_STRIPS; k++) {
        stripped += clean->stripped[k];
    }
    UT_EXPECT(stripped <= text.len);
    uint32_t clean_at = 0, original_at = 0;
    for (size_t i = 0; i < clean->piece_count; i++) {
        const ut_clean_piece *p = &clean->pieces[i];
        UT_EXPECT(p->clean_at >= clean_at && p->original_at >= original_at && p->len > 0);
        UT_REQUIRE(p->original_at + p->original_len <= text.len && p->clean_at + p->len <= clean->text.len);
        if (p->len == p->original_len && ut_str_find_byte((ut_str){text.ptr + p->original_at, 1}, '`', 0) != 0) {
            UT_EXPECT(memcmp(clean->text.ptr + p->clean_at, text.ptr + p->original_at, p->len) == 0);
        }
        for (uint32_t at = clean_at; at < p->clean_at; at++) {
            UT_EXPECT(clean->text.ptr[at] == '\n');
        }
        UT_EXPECT_I64(ut_clean_original(clean, p->clean_at), p->original_at);
        clean_at = p->clean_at + p->len;
        original_at = p->original_at + p->original_len;
    }
    UT_EXPECT_I64(clean_at, clean->text.len);
}

/* Turns "\s" at line ends into blanks and drops the newline before the next mark. */
static ut_str unescape(char *out, ut_str text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == 's' &&
            (i + 2 == text.len || text.ptr[i + 2] == '\n')) {
            out[len++] = ' ';
            i++;
        } else {
            out[len++] = text.ptr[i];
        }
    }
    return (ut_str){out, len && out[len - 1] == '\n' ? len - 1 : len};
}

static void run_case(ut_test *t, fixture *f, ut_str head, ut_str message, ut_str want)
{
    static char in[1 << 16], out[1 << 16];
    ut_str name = ut_str_cut(&head, ' '), kind = ut_str_cut(&head, ' ');
    ut_str text = unescape(in, message);
    want = unescape(out, want);
    ut_str got = clean_as(t, f, text, ut_str_eq(kind, UT_STR("mail")) ? UT_CLEAN_MAIL : UT_CLEAN_CHAT);
    if (!ut_str_eq(got, want)) {
        ut_test_fail(t, __FILE__, __LINE__, UT_STR_FMT "\n--- got\n" UT_STR_FMT "\n--- want\n" UT_STR_FMT "\n---",
                     UT_STR_ARG(name), UT_STR_ARG(got), UT_STR_ARG(want));
    }
    for (int k = 0; k < UT_STRIPS; k++) {
        bool wanted = ut_str_has(head, ut_str_of(REASONS[k]));
        if (wanted != (f->clean.stripped[k] > 0)) {
            ut_test_fail(t, __FILE__, __LINE__, UT_STR_FMT ": %u bytes stripped as %s", UT_STR_ARG(name),
                         f->clean.stripped[k], REASONS[k]);
        }
    }
    check_promises(t, &f->clean, text);
}

static size_t run_file(ut_test *t, fixture *f, const char *path)
{
    ut_str all = ut_test_read(t, path), mark = UT_STR("%%% "), split = UT_STR("%%%>\n");
    size_t cases = 0;
    for (size_t at = ut_str_find(all, mark, 0); at != UT_NPOS;) {
        size_t next = ut_str_find(all, UT_STR("\n%%% "), at + 1);
        ut_str one = ut_str_slice(all, at + mark.len, next == UT_NPOS ? all.len : next + 1);
        ut_str head = ut_str_cut(&one, '\n');
        size_t middle = ut_str_find(one, split, 0);
        UT_REQUIRE(middle != UT_NPOS);
        run_case(t, f, head, ut_str_slice(one, 0, middle), ut_str_slice(one, middle + split.len, one.len));
        cases++;
        at = next == UT_NPOS ? UT_NPOS : next + 1;
    }
    return cases;
}

UT_TEST(text_clean, golden_messages_lose_what_others_or_machines_wrote_and_nothing_else)
{
    static const char *const FILES[] = {"quotes", "blocks", "signatures", "footers", "code", "logs", "inline", "prose"};
    fixture f;
    fixture_open(t, &f);
    size_t cases = 0;
    for (size_t k = 0; k < sizeof FILES / sizeof *FILES; k++) {
        char path[128];
        (void)snprintf(path, sizeof path, "tests/golden/clean/%s.txt", FILES[k]);
        cases += run_file(t, &f, ut_test_source(path));
    }
    UT_EXPECT(cases >= 60);
    fixture_close(&f);
}

UT_TEST(text_clean, phrase_tables_are_sorted)
{
    UT_EXPECT(ut_phrases_sorted());
}

UT_TEST(text_clean, empty_and_null_texts_are_empty)
{
    fixture f;
    fixture_open(t, &f);
    UT_EXPECT_STR(clean_as(t, &f, (ut_str){0}, UT_CLEAN_MAIL), "");
    UT_EXPECT_STR(clean_as(t, &f, UT_STR(" \n\r\n\t\n"), UT_CLEAN_MAIL), "");
    UT_EXPECT_I64(f.clean.words, 0);
    UT_EXPECT_I64(f.clean.piece_count, 0);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 0), 0);
    fixture_close(&f);
}

UT_TEST(text_clean, invalid_bytes_and_controls_are_dropped_and_offsets_still_map)
{
    fixture f;
    fixture_open(t, &f);
    ut_str text = UT_STR("so\xFFrry, gr\xC3\xBC\xC3\n\x01 it\xE2\x82 works");
    UT_EXPECT_STR(clean_as(t, &f, text, UT_CLEAN_CHAT), "sorry, gr\xC3\xBC\n it works");
    check_promises(t, &f.clean, text);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 2), 3);
    fixture_close(&f);
}

UT_TEST(text_clean, words_leave_out_neutral_words_numbers_and_emoji)
{
    fixture f;
    fixture_open(t, &f);
    ut_str text = UT_STR("see https://a.example/x, `make test` and 42 😀 +1 über :) (www.b.example)");
    UT_EXPECT_STR(clean_as(t, &f, text, UT_CLEAN_CHAT), "see url, code and 42 😀 +1 über :) (url)");
    UT_EXPECT_I64(f.clean.words, 3);
    (void)clean_as(t, &f, UT_STR("\xE4\xBB\x8A\xE5\xA4\xA9\xE5\xBE\x88\xE5\xA5\xBD"), UT_CLEAN_CHAT);
    UT_EXPECT_I64(f.clean.words, 2);
    fixture_close(&f);
}

/* Words are counted 16 bytes at a time; the plain definition is the judge. */
UT_TEST(text_clean, words_are_those_of_the_definition_at_every_length_and_offset)
{
    fixture f;
    fixture_open(t, &f);
    static const char BYTES[] = "ab  Z9-' .zA\xC3\xA9,!";
    char text[200];
    for (int round = 0; round < 4000; round++) {
        size_t len = 0, most = ut_rng_below(&t->rng, 150);
        while (len < most) {
            size_t k = ut_rng_below(&t->rng, sizeof BYTES - 1);
            if (BYTES[k] & 0x80) {
                text[len++] = '\xC3';
                text[len++] = '\xA9';
            } else {
                text[len++] = BYTES[k];
            }
        }
        unsigned want = 0;
        bool counted = false;
        for (size_t i = 0; i < len; i++) {
            bool letter = ut_is_letter(text[i]) || text[i] == '\xC3';
            want += letter && !counted;
            counted = text[i] != ' ' && (counted || letter);
        }
        /* "www" and logs do not occur in such text; a blob or a rule may. */
        ut_str got = clean_as(t, &f, (ut_str){text, len}, UT_CLEAN_CHAT);
        if (f.clean.stripped[UT_STRIP_CODE] + f.clean.stripped[UT_STRIP_LOG] == 0) {
            UT_EXPECT_I64(f.clean.words, want);
        }
        UT_EXPECT(got.len <= len);
    }
    fixture_close(&f);
}

UT_TEST(text_clean, offsets_of_neutral_words_point_at_what_they_stand_for)
{
    fixture f;
    fixture_open(t, &f);
    ut_str text = UT_STR("hi\n> old\n\nsee <https://a.example/x> now");
    UT_EXPECT_STR(clean_as(t, &f, text, UT_CLEAN_MAIL), "hi\n\nsee url now");
    UT_EXPECT_I64(ut_clean_original(&f.clean, 0), 0);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 2), 2);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 4), 10);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 8), 14);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 10), 14);
    UT_EXPECT_I64(ut_clean_original(&f.clean, 12), ut_str_find(text, UT_STR("now"), 0));
    fixture_close(&f);
}

UT_TEST(text_clean, longer_than_the_cap_is_cut_before_a_rune_and_says_so)
{
    fixture f;
    fixture_open(t, &f);
    static char big[UT_TEXT_BYTES_MAX + 10];
    memset(big, 'a', sizeof big);
    memcpy(big + UT_TEXT_BYTES_MAX - 1, "\xE2\x82\xAC", 3);
    ut_str got = clean_as(t, &f, (ut_str){big, sizeof big}, UT_CLEAN_CHAT);
    UT_EXPECT(f.clean.cut);
    UT_EXPECT_I64(got.len, UT_TEXT_BYTES_MAX - 1);
    UT_EXPECT_I64(f.clean.total_bytes, sizeof big);
    fixture_close(&f);
}

UT_TEST(text_clean, full_arenas_are_a_limit_and_leave_the_result_alone)
{
    ut_arena keep, small;
    UT_REQUIRE(ut_arena_open(&keep, UT_MIB) == UT_OK);
    UT_REQUIRE(ut_arena_open(&small, 4096) == UT_OK);
    static char lines[40000];
    for (size_t i = 0; i < sizeof lines; i++) {
        lines[i] = i % 2 ? '\n' : 'x';
    }
    ut_clean clean = {.words = 77};
    UT_EXPECT(ut_text_clean(&keep, &clean, small, (ut_str){lines, sizeof lines}, UT_CLEAN_MAIL) == UT_LIMIT);
    UT_EXPECT(ut_text_clean(&small, &clean, keep, (ut_str){lines, sizeof lines}, UT_CLEAN_MAIL) == UT_LIMIT);
    UT_EXPECT_I64(clean.words, 77);
    UT_EXPECT_I64(ut_arena_used(&small), 0);
    ut_arena_close(&keep);
    ut_arena_close(&small);
}

/* The longest text of one pattern takes milliseconds when the work is linear and minutes when it is quadratic: a bound
 * of two seconds tells them apart on any machine. */
UT_TEST(text_clean, repeated_patterns_take_linear_time)
{
    static const char *const PATTERNS[] = {
        "- a\n", "+a\n-b\n", "```\n", "```a```", "``` ", "`", "{", "{{", "{code}", "{code:", "a@", "a@b.", "<",
        "x:\n", ">", "> a\n", "    a;\n", "    a\n", "\ta(b);\n", "www.", "://", "a://(", "<a://b|",
        "From: a\n", "Subject: a\n", "\n", "a\n\n", "______________________________\n",
        "On 3 May 2021 10:00 a@b wrote:\n", "wrote:\n", "Best regards\n", "--\n", "-- \n", "---\n",
        "This e-mail\n\n", "This e-mail confidential\n", "To unsubscribe\n", "To unsubscribe http://a\n\n",
        "at a.b(c)\n", "A: b\n", "aError: x\n", "  File \"a\", line 1\n", "2021-05-03 10:00:00 x\n", "1 2 3\n",
        "|a|b|\n", "@@ -1,2 +1,2 @@\n", "---\n a | 2 +\n", "-----BEGIN X-----\n", "~~~\n", "\xC2\xA0", "\xFF",
        "\xE2\x80\x8B", "a=b c=d e=f\n", "a = b(c);\n", "}\n", "x;\n", "$ a\n", "AB> c\n", ">:(\n", ">1\n", "[",
        "a b ", "[INFO] x\n", "Sent from my iPhone\n", "begin forwarded message:\n\n",
    };
    static char text[UT_TEXT_BYTES_MAX];
    fixture f;
    fixture_open(t, &f);
    for (size_t k = 0; k < sizeof PATTERNS / sizeof *PATTERNS; k++) {
        size_t len = strlen(PATTERNS[k]);
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = PATTERNS[k][i % len];
        }
        for (int kind = 0; kind < 2; kind++) {
            struct timespec start, end;
            (void)clock_gettime(CLOCK_MONOTONIC, &start);
            (void)clean_as(t, &f, (ut_str){text, sizeof text}, kind ? UT_CLEAN_MAIL : UT_CLEAN_CHAT);
            (void)clock_gettime(CLOCK_MONOTONIC, &end);
            double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
            if (seconds > 2) {
                ut_test_fail(t, __FILE__, __LINE__, "\"%s\" took %.1f s", PATTERNS[k], seconds);
            }
        }
    }
    fixture_close(&f);
}

/* Pieces of everything the recognisers know, in random order: promises hold for any of it. */
UT_TEST(text_clean, promises_hold_for_random_mixtures)
{
    static const char *const PARTS[] = {
        "hello there, ", "\n", "\n\n", "> quoted\n",
        "On Mon, 3 May 2021 at 10:00, Eva <eva@x.example> wrote:\n", "```", "`a b`", "{{x}}", "{code}", "-- \n",
        "_____________________________\n", "diff --git a/x b/x\n", "@@ -1,2 +1,2 @@\n", "+a\n", "-b\n",
        "https://x.example/a_(b)?c=d.", "<http://x.example|label>", "a@b.example", "\xFF", "\xC3",
        "\xF0\x9F\x98\x80", "From: a\n", "Subject: b\n", "Sent: c\n", "Best regards\n",
        "  at a.b.c(d.java:1)\n", "x = f(y);\n", "\t", "    ", "\r\n", "2021-05-03 10:00:00 ERROR x\n", "www.",
        "://", "@", "\xC2\xA0", "-----BEGIN PGP SIGNATURE-----\n", "wrote:\n", "\x01",
    };
    fixture f;
    fixture_open(t, &f);
    static char text[8192];
    for (int round = 0; round < 3000; round++) {
        size_t len = 0, parts = 1 + ut_rng_below(&t->rng, 60);
        for (size_t k = 0; k < parts; k++) {
            const char *part = PARTS[ut_rng_below(&t->rng, sizeof PARTS / sizeof *PARTS)];
            memcpy(text + len, part, strlen(part));
            len += strlen(part);
        }
        ut_str all = {text, len};
        (void)clean_as(t, &f, all, round % 2 ? UT_CLEAN_MAIL : UT_CLEAN_CHAT);
        check_promises(t, &f.clean, all);
    }
    fixture_close(&f);
}
