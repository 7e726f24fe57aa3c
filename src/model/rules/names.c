/* model/rules/names.c — the words of the pack schema; docs/rules.md explains each. Order as in the enums of
 * rules_int.h. */
#include "model/rules/rules_int.h"

const char *const rules_class_names[] = {
    "i",    "we",      "you",    "they",  "absolutist", "hedge",    "negation", "polite",
    "past", "present", "future", "modal", "question",   "contrast", NULL,
};

const char *const rules_signal_names[] = {
    "i",        "we",       "you",           "they",     "absolutist", "hedge",       "negation",
    "polite",   "past",     "present",       "future",   "modal",      "question_word", "contrast",
    "question", "exclamation", "capitals",   "length",   "positive",   "negative",    NULL,
};

const char *const rules_setting_names[] = {
    "negation_window",
    "negation_sentiment",
    "booster_step",
    "booster_feature",
    "capitals_step",
    "capitals_feature",
    "exclamation_step",
    "contrast_before",
    "contrast_after",
    "repeat",
    "length_words",
    "sentiment_alpha",
    "context_window",
    NULL,
};

const char *const rules_dimension_names[] = {"valence", "arousal", "dominance", NULL};

int rules_name_find(const char *const *names, ut_str name)
{
    for (int i = 0; names[i]; i++) {
        if (ut_str_eq(name, ut_str_of(names[i]))) {
            return i;
        }
    }
    return -1;
}
