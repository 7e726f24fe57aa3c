/* bronze/detect.c — what the first bytes of a file are. See detect_json.c for JSON, detect_path.c for folders. */
#include "bronze/detect_int.h"

#include "base/base.h"
#include "codec/csv.h"
#include "codec/mbox.h"
#include "codec/stream.h"

#define LINES_LOOKED_AT 60

ut_str ut_detect__file_name(ut_str path)
{
    ut_str file = path;
    for (size_t slash; (slash = ut_str_find_byte(file, '/', 0)) != UT_NPOS;) {
        file = ut_str_slice(file, slash + 1, file.len);
    }
    return file;
}

bool ut_detect__is_day(ut_str file)
{
    static const char shape[] = "0000-00-00.json";
    if (file.len != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < file.len; i++) {
        bool digit = file.ptr[i] >= '0' && file.ptr[i] <= '9';
        if (shape[i] == '0' ? !digit : file.ptr[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

/* Files that systems and mail servers leave beside the mail. */
static bool is_litter(ut_str file)
{
    static const char *const beginnings[] = {".DS_Store",     "._",        "dovecot",    "courierimap",
                                             "maildirfolder", "Thumbs.db", "desktop.ini"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (ut_str_starts(file, ut_str_of(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(ut_str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ut_str_eq_nocase(text, ut_str_of(list[i]))) {
            return true;
        }
    }
    return false;
}

/* Binary files and text formats that begin with a magic word. */
static const char *find_magic(ut_str head)
{
    static const struct {
        ut_str magic;
        const char *what;
    } known[] = {
        {{"%PDF-", 5}, "PDF"},
        {{"!BDN", 4}, "Outlook PST"},
        {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8}, "Outlook MSG or old Office document"},
        {{"Rar!\x1A\x07", 6}, "RAR archive"},
        {{"7z\xBC\xAF\x27\x1C", 6}, "7-Zip archive"},
        {{"SQLite format 3", 16}, "SQLite database"},
        {{"PAR1", 4}, "Parquet"},
        {{"\x89PNG\r\n", 6}, "picture"},
        {{"\xFF\xD8\xFF", 3}, "picture"},
        {{"GIF8", 4}, "picture"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (ut_str_starts(head, known[i].magic)) {
            return known[i].what;
        }
    }
    if (ut_str_starts_nocase(head, UT_STR("BEGIN:VCARD"))) {
        return "vCard";
    }
    return ut_str_starts_nocase(head, UT_STR("BEGIN:V")) ? "iCalendar" : NULL; /* VCALENDAR, or a lone VEVENT, … */
}

/* "Subject" for "Subject: hello"; empty when the line is no header field. */
static ut_str field_name(ut_str line)
{
    size_t end = 0;
    while (end < line.len && line.ptr[end] > ' ' && line.ptr[end] < 0x7F && line.ptr[end] != ':') {
        end++;
    }
    size_t at = end;
    while (at < line.len && line.ptr[at] == ' ') { /* RFC 822 allowed "From : Ann" */
        at++;
    }
    return at < line.len && line.ptr[at] == ':' ? ut_str_slice(line, 0, end) : (ut_str){0};
}

/* The first lines are header fields, two of them those of mail; a "From " line that is no good separator may stand
 * before them. */
static bool is_mail(ut_str name, ut_str head)
{
    static const char *const fields[] = {"From", "To", "Cc", "Subject", "Date", "Message-ID", "Received", "Return-Path",
                                         "Delivered-To", "MIME-Version", "Content-Type", "Reply-To", "Sender",
                                         "In-Reply-To", "References", "DKIM-Signature", "X-Mailer", "List-Id",
                                         "Content-Transfer-Encoding", "User-Agent", "X-Original-To", "Newsgroups"};
    ut_str rest = head, line;
    int known = 0;
    bool first = true;
    if (ut_str_starts(head, UT_STR(" ")) || ut_str_starts(head, UT_STR("\t"))) {
        return false;
    }
    for (int i = 0; i < LINES_LOOKED_AT && ut_str_line(&rest, &line); i++) {
        if (line.len == 0) {
            break;
        }
        bool folded = line.ptr[0] == ' ' || line.ptr[0] == '\t' || (first && ut_str_starts(line, UT_STR("From ")));
        ut_str field = field_name(line);
        if (!folded && field.len == 0) {
            break; /* the fields before it decide */
        }
        first = false;
        known += is_one_of(field, fields, sizeof fields / sizeof *fields);
    }
    return known >= 2 || (known == 1 && ut_str_ends(name, UT_STR(".eml")));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "[12:34] <ann> hi", "12:34 <ann> hi", "12:34:56 * ann waves", "[12:34] --> ann joined", "=== ann joined" */
static bool is_irc_line(ut_str line)
{
    size_t at = ut_str_starts(line, UT_STR("[")) ? 1 : 0;
    if (ut_str_starts(line, UT_STR("=== "))) {
        return true;
    }
    if (line.len < at + 8 || !is_digit(line.ptr[at]) || !is_digit(line.ptr[at + 1]) || line.ptr[at + 2] != ':' ||
        !is_digit(line.ptr[at + 3]) || !is_digit(line.ptr[at + 4])) {
        return false;
    }
    at += 5;
    while (at < line.len && (is_digit(line.ptr[at]) || line.ptr[at] == ':' || line.ptr[at] == ']')) {
        at++;
    }
    ut_str rest = ut_str_trim(ut_str_slice(line, at, line.len));
    return (rest.len > 2 && rest.ptr[0] == '<' && ut_str_find_byte(rest, '>', 0) != UT_NPOS) ||
           ut_str_starts(rest, UT_STR("* ")) || ut_str_starts(rest, UT_STR("-->")) ||
           ut_str_starts(rest, UT_STR("<--")) || ut_str_starts(rest, UT_STR("-!- "));
}

static bool is_irc(ut_str head)
{
    ut_str rest = head, line;
    int irc = 0, all = 0;
    while (all < LINES_LOOKED_AT && ut_str_line(&rest, &line)) {
        if (line.len) {
            all++;
            irc += is_irc_line(line);
        }
    }
    return irc >= 2 && irc * 2 > all;
}

/* How many of the CSV header's columns are among these. */
static int count_columns(const ut_csv *csv, const char *const *names, size_t count)
{
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        found += ut_csv_column(csv, names[i]) >= 0;
    }
    return found;
}

static ut_detected detect_table(ut_str name, ut_str head)
{
    static const char *const people[] = {"id", "name", "email", "handles", "team", "manager", "time_zone", "work_days",
                                         "work_start", "work_end", "role", "effective_from", "effective_to"};
    static const char *const jira[] = {"Summary", "Issue key", "Issue id", "Issue Type", "Status", "Priority",
                                       "Resolution", "Assignee", "Reporter", "Created"};
    static const char *const wanted[] = {"id", "email"};
    const ut_detected unknown = {UT_INPUT_UNKNOWN, "unknown"};
    ut_csv csv; /* 16 KiB: on the stack, because there is no way to report that memory ended */
    if (ut_csv_open(&csv, head, NULL) != UT_OK) {
        return unknown;
    }
    int of_people = count_columns(&csv, people, sizeof people / sizeof *people);
    bool named = ut_str_eq_nocase(ut_detect__file_name(name), UT_STR("people.csv"));
    if (count_columns(&csv, wanted, 2) > 0 && (named || (of_people >= 2 && of_people * 2 >= csv.column_count))) {
        return (ut_detected){UT_INPUT_PEOPLE, "people.csv"};
    }
    bool is_jira = count_columns(&csv, jira, sizeof jira / sizeof *jira) >= 4;
    return is_jira ? (ut_detected){UT_INPUT_UNSUPPORTED, "Jira CSV"} : unknown;
}

/* A head that is not the whole file ends somewhere within a line: what follows the last line end is not looked at. */
static ut_str whole_lines(ut_str head, bool whole)
{
    const char *end = whole || head.len == 0 ? NULL : memrchr(head.ptr, '\n', head.len);
    return end ? ut_str_slice(head, 0, (size_t)(end + 1 - head.ptr)) : head;
}

static ut_str without_mark(ut_str head)
{
    return ut_str_starts(head, UT_STR("\xEF\xBB\xBF")) ? ut_str_slice(head, 3, head.len) : head;
}

static ut_detected detect_content(ut_str name, ut_str head, bool whole)
{
    ut_str file = ut_detect__file_name(name);
    if (is_litter(file) || ut_str_starts(name, UT_STR("__MACOSX/"))) {
        return (ut_detected){UT_INPUT_IGNORED, "a file of the system"};
    }
    if (ut_archive_is(head)) {
        return (ut_detected){UT_INPUT_ARCHIVE, "archive"};
    }
    head = without_mark(whole_lines(head, whole));
    ut_str text = ut_str_trim(head);
    if (text.len == 0) {
        return whole ? (ut_detected){UT_INPUT_IGNORED, "empty"} : (ut_detected){UT_INPUT_UNKNOWN, "unknown"};
    }
    const char *magic = find_magic(text);
    if (magic) {
        return (ut_detected){UT_INPUT_UNSUPPORTED, magic};
    }
    ut_str rest = text, line = {0};
    (void)ut_str_line(&rest, &line);
    if (ut_mbox_is_separator(line)) {
        return (ut_detected){UT_INPUT_MBOX, "mbox"};
    }
    if (text.ptr[0] == '{' || (text.ptr[0] == '[' && !is_irc(head))) {
        return ut_detect__json(file, text);
    }
    if (is_mail(file, text)) {
        return (ut_detected){UT_INPUT_EML, "mail"};
    }
    if (is_irc(head)) {
        return (ut_detected){UT_INPUT_UNSUPPORTED, "IRC log"};
    }
    return detect_table(name, head);
}

ut_detected ut_detect_bytes(ut_str name, ut_str head, bool whole)
{
    ut_detected found = detect_content(name, head, whole);
    bool hidden = ut_str_starts(ut_detect__file_name(name), UT_STR("."));
    return found.kind == UT_INPUT_UNKNOWN && hidden ? (ut_detected){UT_INPUT_IGNORED, "a hidden file"} : found;
}
