/* text/lang_cld2.cpp — the only file that sees CLD2, behind a C function. CLD2 keeps no state between calls. */
#include "text/lang_cld2.h"

#include <cstdio>
#include <cstring>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

/* Codes of CLD2 that ISO 639 has given up, and what they are called now. */
static const char *const RENAMED[][2] = {{"iw", "he"}, {"in", "id"}, {"jw", "jv"},
                                         {"mo", "ro"}, {"nb", "no"}, {"un", "und"}};

extern "C" void ut_lang__cld2(ut_lang_guess *ret, ut_str text)
{
    CLD2::Language languages[3];
    int percents[3] = {0, 0, 0};
    double scores[3];
    int text_bytes = 0;
    bool reliable = false;
    CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    int len_bytes = static_cast<int>(text.len);
    CLD2::Language language = CLD2::ExtDetectLanguageSummary(text.ptr, len_bytes, true, &hints, 0, languages, percents,
                                                             scores, nullptr, &text_bytes, &reliable);
    const char *code = CLD2::LanguageCode(language);
    for (const auto &row : RENAMED) {
        if (std::strcmp(code, row[0]) == 0) {
            code = row[1];
        }
    }
    size_t len = std::strcspn(code, "-_"); /* "zh-Hant" is Chinese */
    bool known = len == 2 || len == 3;
    std::memset(ret, 0, sizeof *ret);
    std::memcpy(ret->code, known ? code : "und", known ? len : 3);
    ret->reliable = reliable && known && std::strcmp(ret->code, "und") != 0;
    ret->percent = language == languages[0] ? percents[0] : 0;
}
