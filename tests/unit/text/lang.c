/* tests/unit/text/lang.c — language identification against sentences written by hand, and what must stay unsure. */
#include "harness/test.h"

#include "text/lang.h"
#include "text/lang_int.h"

UT_TEST(text_lang, word_table_is_sorted_and_finds_its_words)
{
    UT_EXPECT(ut_lang__words_sorted());
    UT_EXPECT_I64(ut_lang__word(0x6E69636874000000u), 1 << 1); /* "nicht": German only */
    UT_EXPECT_I64(ut_lang__word(0x6E69636875000000u), 0);
    UT_EXPECT_I64(ut_lang__word(0), 0);
    UT_EXPECT_I64(ut_lang__word(UINT64_MAX), 0);
}

UT_TEST(text_lang, agrees_with_labelled_sentences)
{
    ut_str all = ut_test_read(t, ut_test_source("tests/golden/lang/sentences.tsv")), line;
    unsigned total = 0, right = 0, sure = 0, sure_but_wrong = 0;
    while (ut_str_line(&all, &line)) {
        ut_str code = ut_str_cut(&line, '\t');
        ut_lang lang = ut_lang_detect(line);
        bool agrees = ut_str_eq(ut_str_of(lang.code), code);
        total++;
        right += agrees;
        sure += agrees && lang.sure;
        sure_but_wrong += !agrees && lang.sure;
        if (!agrees && lang.sure) {
            ut_test_fail(t, __FILE__, __LINE__, "sure of %s: " UT_STR_FMT, lang.code, UT_STR_ARG(line));
        }
    }
    UT_EXPECT(total >= 200);
    UT_EXPECT(right * 100 >= total * 95);
    UT_EXPECT(sure * 100 >= total * 90);
    UT_EXPECT_I64(sure_but_wrong, 0);
}

UT_TEST(text_lang, short_texts_are_never_sure)
{
    ut_str all = ut_test_read(t, ut_test_source("tests/golden/lang/short.tsv")), line;
    while (ut_str_line(&all, &line)) {
        ut_lang lang = ut_lang_detect(line);
        if (lang.sure) {
            ut_test_fail(t, __FILE__, __LINE__, "sure of %s: " UT_STR_FMT, lang.code, UT_STR_ARG(line));
        }
    }
    UT_EXPECT_STR(ut_str_of(ut_lang_detect((ut_str){0}).code), "und");
    UT_EXPECT_STR(ut_str_of(ut_lang_detect(UT_STR("42 :smile: #general @anna")).code), "und");
    UT_EXPECT_STR(ut_str_of(ut_lang_detect(UT_STR("ok thanks")).code), "en");
}

UT_TEST(text_lang, case_and_curly_apostrophes_do_not_matter)
{
    ut_lang lang = ut_lang_detect(UT_STR("I DON\xE2\x80\x99T THINK YOU\xE2\x80\x99RE RIGHT"));
    UT_EXPECT_STR(ut_str_of(lang.code), "en");
    UT_EXPECT(lang.sure);
    lang = ut_lang_detect(UT_STR("WIR MÜSSEN ÜBER ALLES SPRECHEN, WAS SCHÖN IST"));
    UT_EXPECT_STR(ut_str_of(lang.code), "de");
    UT_EXPECT(lang.sure);
    lang = ut_lang_detect(UT_STR("ŻEBY ŁATWIEJ BYŁO, TRZEBA COŚ ZROBIĆ DZIŚ"));
    UT_EXPECT_STR(ut_str_of(lang.code), "pl");
}

UT_TEST(text_lang, half_and_half_is_not_sure)
{
    UT_EXPECT(!ut_lang_detect(UT_STR("I think we should wait, aber ich weiß nicht was der Kunde will")).sure);
}

UT_TEST(text_lang, bytes_that_are_no_text_are_survived)
{
    char bytes[64];
    for (int round = 0; round < 2000; round++) {
        size_t len = ut_rng_below(&t->rng, sizeof bytes);
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (char)ut_rng_below(&t->rng, 256);
        }
        ut_lang lang = ut_lang_detect((ut_str){bytes, len});
        UT_EXPECT(strnlen(lang.code, sizeof lang.code) >= 2 && strnlen(lang.code, sizeof lang.code) <= 3);
    }
}
