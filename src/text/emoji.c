/* text/emoji.c — the emoji grammar of UTS #51 over a short range table.
 *
 *     sequence := flag flag | keycap | element (ZWJ element)*
 *     element  := base VS16? tone? tag* | base tone …           keycap := [0-9#*] VS16? U+20E3
 *
 * The table is coarser than Unicode's list in the planes that hold nothing but pictographs (unassigned code points
 * there are reserved for more of them), and exact in the Basic Multilingual Plane, where signs and emoji live side by
 * side.
 */
#include "text/emoji.h"

#define ZWJ 0x200D
#define VS_TEXT 0xFE0E
#define VS_EMOJI 0xFE0F
#define KEYCAP 0x20E3
/* Elements in one sequence; four people, or two and a heart, are the longest in use. */
#define ELEMENTS_MAX 8
#define TAGS_MAX 8

typedef struct range {
    uint32_t first;
    uint32_t last;
} range;

/* Ascending. Below 0x2600 and in 0x2900..0x3299 a variation selector is asked for unless `plain` says otherwise. */
static const range ranges[] = {
    {0xA9, 0xA9},       {0xAE, 0xAE},       {0x203C, 0x203C},   {0x2049, 0x2049},   {0x2122, 0x2122},
    {0x2139, 0x2139},   {0x2194, 0x2199},   {0x21A9, 0x21AA},   {0x231A, 0x231B},   {0x2328, 0x2328},
    {0x23CF, 0x23CF},   {0x23E9, 0x23F3},   {0x23F8, 0x23FA},   {0x24C2, 0x24C2},   {0x25AA, 0x25AB},
    {0x25B6, 0x25B6},   {0x25C0, 0x25C0},   {0x25FB, 0x25FE},   {0x2600, 0x2604},   {0x260E, 0x260E},
    {0x2611, 0x2611},   {0x2614, 0x2615},   {0x2618, 0x2618},   {0x261D, 0x261D},   {0x2620, 0x2620},
    {0x2622, 0x2623},   {0x2626, 0x2626},   {0x262A, 0x262A},   {0x262E, 0x262F},   {0x2638, 0x263A},
    {0x2640, 0x2640},   {0x2642, 0x2642},   {0x2648, 0x2653},   {0x265F, 0x2660},   {0x2663, 0x2663},
    {0x2665, 0x2666},   {0x2668, 0x2668},   {0x267B, 0x267B},   {0x267E, 0x267F},   {0x2692, 0x2697},
    {0x2699, 0x2699},   {0x269B, 0x269C},   {0x26A0, 0x26A1},   {0x26A7, 0x26A7},   {0x26AA, 0x26AB},
    {0x26B0, 0x26B1},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26C8, 0x26C8},   {0x26CE, 0x26CF},
    {0x26D1, 0x26D1},   {0x26D3, 0x26D4},   {0x26E9, 0x26EA},   {0x26F0, 0x26F5},   {0x26F7, 0x26FA},
    {0x26FD, 0x26FD},   {0x2702, 0x2702},   {0x2705, 0x2705},   {0x2708, 0x270D},   {0x270F, 0x270F},
    {0x2712, 0x2712},   {0x2714, 0x2714},   {0x2716, 0x2716},   {0x271D, 0x271D},   {0x2721, 0x2721},
    {0x2728, 0x2728},   {0x2733, 0x2734},   {0x2744, 0x2744},   {0x2747, 0x2747},   {0x274C, 0x274C},
    {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2763, 0x2764},   {0x2795, 0x2797},
    {0x27A1, 0x27A1},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2934, 0x2935},   {0x2B05, 0x2B07},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x3030, 0x3030},   {0x303D, 0x303D},
    {0x3297, 0x3297},   {0x3299, 0x3299},   {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F170, 0x1F171},
    {0x1F17E, 0x1F17F}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F201, 0x1F202}, {0x1F21A, 0x1F21A},
    {0x1F22F, 0x1F22F}, {0x1F232, 0x1F23A}, {0x1F250, 0x1F251}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
    {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF},
};

/* The signs of the first planes that are shown as emoji without a selector. */
static const range plain[] = {
    {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0}, {0x23F3, 0x23F3}, {0x25FD, 0x25FE},
    {0x2600, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55}, {0x1F000, 0x1FAFF},
};

static bool in_ranges(const range *table, size_t count, uint32_t rune)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (table[mid].last < rune) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < count && table[low].first <= rune;
}

static bool is_base(uint32_t rune)
{
    return in_ranges(ranges, sizeof ranges / sizeof *ranges, rune);
}

static bool is_tone(uint32_t rune)
{
    return rune >= 0x1F3FB && rune <= 0x1F3FF;
}

static bool is_flag_letter(uint32_t rune)
{
    return rune >= 0x1F1E6 && rune <= 0x1F1FF;
}

static bool is_tag(uint32_t rune)
{
    return rune >= 0xE0020 && rune <= 0xE007F;
}

static uint32_t peek(ut_str text, size_t at, size_t *ret_next)
{
    *ret_next = at;
    return at < text.len ? ut_str_next_rune(text, ret_next) : 0;
}

/* false when the base form would grow beyond its room: the sequence ends before this rune then. */
static bool add(ut_emoji *emoji, uint32_t rune)
{
    char bytes[4];
    size_t n = ut_str_put_rune(bytes, rune);
    if (emoji->key_len + n > sizeof emoji->key) {
        return false;
    }
    memcpy(emoji->key + emoji->key_len, bytes, n);
    emoji->key_len = (uint8_t)(emoji->key_len + n);
    return true;
}

/* Reads what may follow a base: selector, tone, tags. Returns where it ends; *ret_text tells of a text selector. */
static size_t read_modifiers(ut_str text, size_t at, ut_emoji *emoji, bool *ret_selected, bool *ret_text)
{
    size_t next;
    uint32_t rune = peek(text, at, &next);
    *ret_selected = rune == VS_EMOJI;
    *ret_text = rune == VS_TEXT;
    if (rune == VS_EMOJI) {
        at = next;
        rune = peek(text, at, &next);
    }
    if (is_tone(rune)) {
        at = next;
        rune = peek(text, at, &next);
    }
    for (int i = 0; i < TAGS_MAX && is_tag(rune) && add(emoji, rune); i++) {
        at = next;
        rune = peek(text, at, &next);
    }
    return at;
}

static bool read_flag(ut_str text, size_t start, size_t after_first, uint32_t first, ut_emoji *ret)
{
    size_t next;
    uint32_t second = peek(text, after_first, &next);
    if (!is_flag_letter(second) || !add(ret, first) || !add(ret, second)) {
        return false;
    }
    ret->len = (uint32_t)(next - start);
    return true;
}

static bool read_keycap(ut_str text, size_t start, size_t at, uint32_t first, ut_emoji *ret)
{
    size_t next;
    uint32_t rune = peek(text, at, &next);
    if (rune == VS_EMOJI) {
        at = next;
        rune = peek(text, at, &next);
    }
    if (rune != KEYCAP || !add(ret, first) || !add(ret, KEYCAP)) {
        return false;
    }
    ret->len = (uint32_t)(next - start);
    return true;
}

/* Elements behind joiners. A joined gender sign is read but not kept: 🤷‍♀️ feels like 🤷. */
static size_t read_joined(ut_str text, size_t at, ut_emoji *emoji)
{
    for (int i = 1; i < ELEMENTS_MAX; i++) {
        size_t after_joiner;
        size_t next;
        if (peek(text, at, &after_joiner) != ZWJ) {
            break;
        }
        uint32_t rune = peek(text, after_joiner, &next);
        if (!is_base(rune)) {
            break;
        }
        if (rune != 0x2640 && rune != 0x2642) {
            uint8_t before = emoji->key_len;
            if (!add(emoji, ZWJ) || !add(emoji, rune)) {
                emoji->key_len = before;
                break;
            }
        }
        bool selected;
        bool text_selected;
        at = read_modifiers(text, next, emoji, &selected, &text_selected);
    }
    return at;
}

bool ut_emoji_at(ut_str text, size_t at, ut_emoji *ret)
{
    size_t start = at;
    size_t next;
    uint32_t rune = peek(text, at, &next);
    ut_emoji found = {0};
    if (is_flag_letter(rune)) {
        bool ok = read_flag(text, start, next, rune, &found);
        if (ok) {
            *ret = found;
        }
        return ok;
    }
    if ((rune >= '0' && rune <= '9') || rune == '#' || rune == '*') {
        bool ok = read_keycap(text, start, next, rune, &found);
        if (ok) {
            *ret = found;
        }
        return ok;
    }
    if (!is_base(rune) || !add(&found, rune)) {
        return false;
    }
    bool selected;
    bool text_selected;
    at = read_modifiers(text, next, &found, &selected, &text_selected);
    if (text_selected || (!selected && !in_ranges(plain, sizeof plain / sizeof *plain, rune))) {
        return false;
    }
    found.len = (uint32_t)(read_joined(text, at, &found) - start);
    *ret = found;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ut_emoji_shortcode_at(ut_str text, size_t at, bool after_shortcode, ut_str *ret_name)
{
    if (at >= text.len || text.ptr[at] != ':') {
        return false;
    }
    char before = at > 0 ? text.ptr[at - 1] : ' ';
    if (!after_shortcode && (is_letter(before) || is_digit(before) || before == ':')) {
        return false;
    }
    size_t end = at + 1;
    bool letters = false;
    while (end < text.len && end - at <= 40) {
        char c = text.ptr[end];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '+' && c != '-') {
            break;
        }
        letters = letters || is_letter(c);
        end++;
    }
    ut_str name = ut_str_slice(text, at + 1, end);
    if (name.len == 0 || end >= text.len || text.ptr[end] != ':') {
        return false;
    }
    bool known_number =
        ut_str_eq(name, UT_STR("+1")) || ut_str_eq(name, UT_STR("-1")) || ut_str_eq(name, UT_STR("100"));
    if (!letters && !known_number) {
        return false;
    }
    *ret_name = name;
    return true;
}

bool ut_emoji_is_skin_tone_name(ut_str name)
{
    return name.len == 11 && ut_str_starts(name, UT_STR("skin-tone-")) && name.ptr[10] >= '2' && name.ptr[10] <= '6';
}
