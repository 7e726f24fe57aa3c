/* model/rules/chars.c — a table for ASCII, ranges for the rest.
 *
 * utf8proc would answer exactly, at ten times the cost per letter; the ranges here are wrong only for signs inside
 * scripts no pack is written for, where a sign would become part of an unknown word.
 */
#include "model/rules/chars.h"

#include "model/rules/rules_int.h"

#define S RULES_BYTE_SPACE
#define W RULES_BYTE_WORD
#define H RULES_BYTE_HIGH
const uint8_t rules_bytes[256] = {
    ['\t'] = S, ['\n'] = S, ['\v'] = S, ['\f'] = S, ['\r'] = S, [' '] = S,
    ['0' ... '9'] = W, ['A' ... 'Z'] = W, ['a' ... 'z'] = W, [0x80 ... 0xFF] = H,
};
#undef S
#undef W
#undef H

const char rules_lower[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
    ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
    ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',
    ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

bool rules_rune_is_word(uint32_t rune)
{
    if (rune < 0xC0) {
        return rune == 0xAA || rune == 0xB5 || rune == 0xBA;
    }
    if (rune == 0xD7 || rune == 0xF7) {
        return false;
    }
    bool general_signs = rune >= 0x2000 && rune <= 0x2BFF;
    bool cjk_signs = rune >= 0x3000 && rune <= 0x303F;
    bool private_use = rune >= 0xE000 && rune <= 0xF8FF;
    bool selectors_and_specials = (rune >= 0xFE00 && rune <= 0xFE6F) || (rune >= 0xFF00 && rune <= 0xFF0F)
            || rune >= 0xFFE0;
    bool beyond = rune >= 0x10000 && rune < 0x1F000; /* historic scripts, mathematical letters */
    bool ideographs = rune >= 0x20000 && rune <= 0x3FFFF;
    return !general_signs && !cjk_signs && !private_use && (!selectors_and_specials || beyond || ideographs);
}

uint32_t rules_rune_lower(uint32_t rune)
{
    if (rune < 0xC0) {
        return rune;
    }
    if (rune <= 0xDE) {
        return rune == 0xD7 ? rune : rune + 32;
    }
    if (rune >= 0x100 && rune <= 0x177) {
        /* Pairs (even, odd), shifted to (odd, even) in the middle; dotted I has no partner of its own. */
        bool odd_first = rune >= 0x139 && rune <= 0x148;
        bool alone = rune == 0x130 || rune == 0x131 || rune == 0x138 || rune == 0x149;
        return !alone && ((rune & 1) == 1) == odd_first ? rune + 1 : rune;
    }
    if (rune >= 0x391 && rune <= 0x3A9 && rune != 0x3A2) {
        return rune + 32;
    }
    if (rune >= 0x410 && rune <= 0x42F) {
        return rune + 32;
    }
    if (rune >= 0x400 && rune <= 0x40F) {
        return rune + 80;
    }
    return rune >= 0x531 && rune <= 0x556 ? rune + 48 : rune;
}

/* Length of an apostrophe at text[at] that has a word's letter behind it, else 0. */
static size_t apostrophe(ut_str text, size_t at)
{
    size_t len = 1;
    if (text.ptr[at] != '\'') {
        bool typographic = at + 2 < text.len && memcmp(text.ptr + at, "\xE2\x80\x99", 3) == 0;
        if (!typographic) {
            return 0;
        }
        len = 3;
    }
    return at + len < text.len && rules_lower[(unsigned char)text.ptr[at + len]] ? len : 0;
}

typedef struct cutter {
    char *lower;
    uint32_t len;
    bool too_long;
    uint32_t last; /* letter before, and how often it stood in a row */
    uint32_t row;
} cutter;

static void keep(cutter *c, const char *bytes, size_t n)
{
    if (c->len + n > RULES_WORD_MAX) {
        c->too_long = true;
        return;
    }
    memcpy(c->lower + c->len, bytes, n);
    c->len += (uint32_t)n;
}

static void note_letter(cutter *c, rules_word_cut *cut, uint32_t rune)
{
    c->row = rune == c->last ? c->row + 1 : 1;
    c->last = rune;
    cut->run = cut->run || (c->row >= 3 && rune >= 'a');
    cut->runes++;
}

/* A letter above ASCII at text[at]: its length, 0 when it is not one. */
static size_t high_letter(cutter *c, rules_word_cut *cut, ut_str text, size_t at)
{
    size_t next = at;
    uint32_t rune = ut_str_next_rune(text, &next);
    if (!rules_rune_is_word(rune) || rune == 0xFFFD) {
        return 0;
    }
    uint32_t low = rules_rune_lower(rune);
    char bytes[4];
    keep(c, bytes, ut_str_put_rune(bytes, low));
    cut->upper += low != rune;
    note_letter(c, cut, low);
    return next - at;
}

rules_word_cut rules_cut_word(char *lower, ut_str text, size_t at)
{
    rules_word_cut cut = {0};
    cutter c = {.lower = lower};
    while (at < text.len) {
        unsigned char byte = (unsigned char)text.ptr[at];
        char low = rules_lower[byte];
        size_t step = 1;
        if (low) {
            if (c.len < RULES_WORD_MAX) {
                c.lower[c.len++] = low;
            } else {
                c.too_long = true;
            }
            cut.upper += (byte & 0x60) == 0x40;
            note_letter(&c, &cut, (unsigned char)low);
        } else if (cut.runes && byte == '_' && at + 1 < text.len && rules_lower[(unsigned char)text.ptr[at + 1]]) {
            keep(&c, "_", 1);
        } else if (cut.runes && (step = apostrophe(text, at)) > 0) {
            keep(&c, "'", 1);
        } else if (byte < 0x80 || (step = high_letter(&c, &cut, text, at)) == 0) {
            break;
        }
        at += step;
    }
    cut.end = at;
    cut.len = c.too_long ? 0 : c.len;
    return cut;
}
