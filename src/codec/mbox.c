/* codec/mbox.c — the mbox splitter: one window that slides over the stream.
 *
 *     window:   |..delivered..|From a@b Mon Jan  5 …\n headers \n\n body \n\nFrom c@d … |  room  |
 *                             begin                                 scan ->            len
 *
 * The hunt is one memmem for "\nFrom "; only hits are looked at closely. The window holds one message at most, so
 * memory is bounded by UT_RECORD_BYTES_MAX. Of a longer message the first UT_MBOX_HEAD_BYTES stay and the rest is
 * dropped as it goes by ("gap" counts it).
 *
 * Differs from RFC 4155: the separator must follow an empty line and end in a date, because programs that do not escape
 * bodies exist. A lying Content-Length costs nothing, because it is believed only where it leads to a separator.
 */
#include "codec/mbox.h"
#include "codec/mail_date.h"

/* Per read; big enough for the system call not to matter. */
#define CHUNK_BYTES (1 * UT_MIB)
/* A separator is an address and a date; addresses end at 254 bytes. */
#define SEPARATOR_MAX 1000
/* Words at the end of a separator that can belong to its date. */
#define DATE_WORDS_MAX 9

typedef struct ut_mbox_reader {
    ut_stream *stream;
    ut_mbox_visit visit;
    void *ctx;
    ut_buf window;
    size_t begin;     /* where the current item starts in the window */
    size_t scan;      /* no separator starts before this */
    int64_t length;   /* what Content-Length says, -1 = nothing */
    size_t skip_to;   /* where the item would end by that; 0 = not known */
    int64_t base;     /* stream offset of window[0] */
    int64_t gap;      /* bytes of the current item that were dropped from the window */
    bool started;     /* the first bytes were looked at */
    bool in_mail;     /* begin is at a separator; else at bytes before the first one */
    bool header_done; /* the header block was searched for Content-Length */
    bool ended;       /* the stream has no more */
    char eol;         /* '\n', or '\r' */
} ut_mbox_reader;

/* A year is four digits here, though mail dates may have two: "from 10:00 on 5 May 26" is a sentence. */
static bool has_year(ut_str text)
{
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == ' ') {
            int64_t value;
            if (i - from == 4 && ut_str_to_i64(ut_str_slice(text, from, i), &value) && value >= 1000) {
                return true;
            }
            from = i + 1;
        }
    }
    return false;
}

bool ut_mbox_separator_date(ut_str line, int64_t *ret_us)
{
    if (!ut_str_starts(line, UT_STR("From ")) || line.len > SEPARATOR_MAX) {
        return false;
    }
    ut_str rest = ut_str_slice(line, 5, line.len);
    if (ut_str_find_byte(rest, ':', 0) == UT_NPOS) {
        return false; /* most sentences end here */
    }
    size_t remote = ut_str_find(rest, UT_STR(" remote from "), 0);
    rest = ut_str_trim(remote == UT_NPOS ? rest : ut_str_slice(rest, 0, remote));
    /* The longest run of words at the end that is nothing but a date. Addresses may hold blanks ("a at example.org").
     */
    size_t starts[SEPARATOR_MAX / 2 + 1];
    size_t words = 0;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] != ' ' && (i == 0 || rest.ptr[i - 1] == ' ')) {
            starts[words++] = i;
        }
    }
    for (size_t i = words > DATE_WORDS_MAX ? words - DATE_WORDS_MAX : 0; i < words; i++) {
        ut_str tail = ut_str_slice(rest, starts[i], rest.len);
        if (ut_mail_date_strict(tail, ret_us)) {
            return has_year(tail);
        }
    }
    return false;
}

bool ut_mbox_is_separator(ut_str line)
{
    int64_t at_us;
    return ut_mbox_separator_date(line, &at_us);
}

static const char *bytes_at(const ut_mbox_reader *r, size_t at)
{
    return r->window.ptr + at;
}

/* Where the line starting at `at` ends (its line-end byte); UT_NPOS when that is not in the window within `most` bytes.
 */
static size_t line_end(const ut_mbox_reader *r, size_t at, size_t most)
{
    size_t room = r->window.len - at;
    const char *hit = room ? memchr(bytes_at(r, at), r->eol, room < most ? room : most) : NULL;
    return hit ? (size_t)(hit - r->window.ptr) : UT_NPOS;
}

static ut_str without_cr(ut_str line)
{
    return line.len && line.ptr[line.len - 1] == '\r' ? ut_str_slice(line, 0, line.len - 1) : line;
}

typedef enum ut_mbox_look { LOOK_NO, LOOK_YES, LOOK_MORE } ut_mbox_look;

/* Is there a separator line at `at`? LOOK_MORE when the window ends too early to tell. */
static ut_mbox_look look_separator(const ut_mbox_reader *r, size_t at, ut_str *ret_line)
{
    size_t end = line_end(r, at, SEPARATOR_MAX + 2);
    if (end == UT_NPOS) {
        if (r->window.len - at > SEPARATOR_MAX) {
            return LOOK_NO;
        }
        if (!r->ended) {
            return LOOK_MORE;
        }
        end = r->window.len;
    }
    ut_str line = without_cr((ut_str){bytes_at(r, at), end - at});
    if (!ut_mbox_is_separator(line)) {
        return LOOK_NO;
    }
    *ret_line = line;
    return LOOK_YES;
}

/* Length of the line end at `at` (CRLF 2), 0 when there is none. */
static size_t eol_at(const ut_mbox_reader *r, size_t at)
{
    const char *p = bytes_at(r, at);
    size_t room = r->window.len - at;
    if (room >= 1 && p[0] == r->eol) {
        return 1;
    }
    return room >= 2 && p[0] == '\r' && p[1] == '\n' ? 2 : 0;
}

/* `Content-Length: N` in one header line; -1 when it is something else or no number. */
static int64_t content_length(ut_str line)
{
    if (!ut_str_starts_nocase(line, UT_STR("Content-Length:"))) {
        return -1;
    }
    int64_t value;
    return ut_str_to_i64(ut_str_trim(ut_str_slice(line, 15, line.len)), &value) && value >= 0 ? value : -1;
}

/* Walks the header lines of the current item from `scan` to the empty line. LOOK_MORE when the window ends before it.
 */
static ut_mbox_look scan_header(ut_mbox_reader *r)
{
    size_t at = r->scan;
    while (true) {
        size_t end = line_end(r, at, r->window.len);
        if (end == UT_NPOS) {
            r->scan = at;
            r->header_done = r->ended;
            return r->ended ? LOOK_NO : LOOK_MORE;
        }
        ut_str line = without_cr((ut_str){bytes_at(r, at), end - at});
        if (line.len == 0) {
            break;
        }
        int64_t length = (line.ptr[0] | 0x20) == 'c' ? content_length(line) : -1;
        if (length >= 0 && length < (int64_t)UT_RECORD_BYTES_MAX) {
            r->length = length;
        }
        at = end + 1;
    }
    r->header_done = true;
    r->scan = at; /* a separator right after the empty line is found from here */
    size_t stop = at + eol_at(r, at) + (size_t)(r->length >= 0 ? r->length : 0);
    r->skip_to = r->length >= 0 && stop - r->begin <= UT_RECORD_BYTES_MAX ? stop : 0;
    return LOOK_YES;
}

/* Does the item end where Content-Length says? Then *ret is the next separator, or the end. */
static ut_mbox_look check_length(ut_mbox_reader *r, size_t *ret)
{
    size_t at = r->skip_to;
    if (at + SEPARATOR_MAX + 4 > r->window.len && !r->ended) {
        return LOOK_MORE;
    }
    r->skip_to = 0;
    if (at > r->window.len) {
        return LOOK_NO;
    }
    /* One empty line after the body, and a line end that some programs do not count. */
    for (int i = 0; i < 2 && at < r->window.len; i++) {
        at += eol_at(r, at);
    }
    ut_str line;
    if (at == r->window.len) {
        *ret = at;
        return r->ended ? LOOK_YES : LOOK_NO;
    }
    *ret = at;
    return look_separator(r, at, &line) == LOOK_YES ? LOOK_YES : LOOK_NO;
}

/* true when the line that ends with the line-end byte at `at` is empty. */
static bool empty_line_before(const ut_mbox_reader *r, size_t at)
{
    if (at > 0 && r->window.ptr[at - 1] == r->eol) {
        return true;
    }
    return at > 1 && r->window.ptr[at - 1] == '\r' && r->window.ptr[at - 2] == r->eol;
}

/* The next separator at or after `scan`. */
static ut_mbox_look hunt(ut_mbox_reader *r, size_t *ret)
{
    char needle[6] = {r->eol, 'F', 'r', 'o', 'm', ' '};
    while (r->scan < r->window.len) {
        const char *hit = memmem(bytes_at(r, r->scan), r->window.len - r->scan, needle, sizeof needle);
        if (!hit) {
            break;
        }
        size_t at = (size_t)(hit - r->window.ptr);
        ut_str line;
        ut_mbox_look look = empty_line_before(r, at) ? look_separator(r, at + 1, &line) : LOOK_NO;
        if (look == LOOK_MORE) {
            r->scan = at;
            return LOOK_MORE;
        }
        if (look == LOOK_YES) {
            *ret = at + 1;
            return LOOK_YES;
        }
        r->scan = at + 1;
    }
    size_t overlap = sizeof needle - 1;
    if (r->window.len > overlap && r->window.len - overlap > r->scan) {
        r->scan = r->window.len - overlap;
    }
    return r->ended ? LOOK_NO : LOOK_MORE;
}

/* Cuts the empty line that ends a message; the line end of its last line stays. */
static ut_str without_empty_line(const ut_mbox_reader *r, ut_str mail)
{
    size_t cut = 0;
    if (mail.len && mail.ptr[mail.len - 1] == r->eol) {
        cut = mail.len >= 2 && mail.ptr[mail.len - 2] == '\r' && r->eol == '\n' ? 2 : 1;
    }
    if (cut && mail.len > cut && mail.ptr[mail.len - cut - 1] == r->eol) {
        return ut_str_slice(mail, 0, mail.len - cut);
    }
    /* A message without any header or body: the separator's own empty line is all there is. */
    return cut && mail.len == cut ? (ut_str){mail.ptr, 0} : mail;
}

/* Hands [begin, end) to the visitor and makes `end` the new begin. */
static ut_status deliver(ut_mbox_reader *r, size_t end, ut_err *err)
{
    ut_mbox_item item = {.byte = r->base + (int64_t)r->begin, .size_bytes = (int64_t)(end - r->begin) + r->gap};
    size_t from = r->begin;
    if (r->in_mail) {
        size_t stop = line_end(r, from, r->window.len);
        stop = stop == UT_NPOS || stop > end ? end : stop;
        item.separator = without_cr((ut_str){bytes_at(r, from), stop - from});
        from = stop < end ? stop + 1 : end;
    }
    item.mail = (ut_str){bytes_at(r, from), end - from};
    if (r->gap == 0) {
        item.mail = without_empty_line(r, item.mail);
    }
    if (!r->in_mail) {
        item.state = UT_INVALID;
    } else if (r->gap || item.mail.len > UT_RECORD_BYTES_MAX) {
        item.state = UT_LIMIT;
    }
    if (item.state != UT_OK) {
        item.mail = ut_str_slice(item.mail, 0, UT_MBOX_HEAD_BYTES);
    }
    r->base += r->gap;
    r->gap = 0;
    r->begin = end;
    r->in_mail = true;
    r->header_done = false;
    r->length = -1;
    r->skip_to = 0;
    r->scan = end;
    return item.size_bytes ? r->visit(r->ctx, &item, err) : UT_OK;
}

/* The current item has outgrown the record limit: keeps its head and what the hunt still needs, drops the middle. */
static void drop_middle(ut_mbox_reader *r)
{
    size_t head = r->begin + UT_MBOX_HEAD_BYTES;
    /* Two bytes before `scan` show whether an empty line precedes a separator there. */
    size_t tail = r->scan > 2 ? r->scan - 2 : r->scan;
    if (tail <= head) {
        return;
    }
    memmove(r->window.ptr + head, r->window.ptr + tail, r->window.len - tail);
    r->gap += (int64_t)(tail - head);
    r->window.len -= tail - head;
    r->scan -= tail - head;
    r->header_done = true;
    r->skip_to = 0;
}

/* Slides the window to the current item and reads one chunk behind it. */
static ut_status refill(ut_mbox_reader *r, ut_err *err)
{
    if (r->begin) {
        memmove(r->window.ptr, r->window.ptr + r->begin, r->window.len - r->begin);
        r->window.len -= r->begin;
        r->base += (int64_t)r->begin;
        r->scan -= r->begin;
        r->skip_to -= r->skip_to ? r->begin : 0;
        r->begin = 0;
    }
    char *to = ut_buf_reserve(&r->window, CHUNK_BYTES);
    if (!to) {
        return ut_fail(err, r->window.failed, "no memory for an mbox window of %zu bytes", r->window.len + CHUNK_BYTES);
    }
    size_t len = 0;
    ut_status st = r->stream->read(r->stream->ctx, to, CHUNK_BYTES, &len, err);
    if (st != UT_OK) {
        return st;
    }
    r->window.len += len;
    r->ended = len == 0;
    return UT_OK;
}

/* Looks at the first bytes: which line ends, and is there a separator? LOOK_MORE until that can be told. */
static ut_mbox_look start(ut_mbox_reader *r)
{
    if (r->window.len == 0) {
        return r->ended ? LOOK_YES : LOOK_MORE;
    }
    bool has_lf = memchr(r->window.ptr, '\n', r->window.len) != NULL;
    if (!has_lf && !r->ended && r->window.len < 64 * UT_KIB) {
        return LOOK_MORE;
    }
    r->eol = !has_lf && memchr(r->window.ptr, '\r', r->window.len) ? '\r' : '\n';
    if (ut_str_starts(ut_buf_str(&r->window), UT_STR("\xEF\xBB\xBF"))) {
        r->begin = 3;
    }
    while (r->begin < r->window.len && memchr(" \t\r\n", r->window.ptr[r->begin], 4)) {
        r->begin++;
    }
    ut_str line;
    ut_mbox_look look = look_separator(r, r->begin, &line);
    if (look == LOOK_MORE) {
        r->begin = 0;
        return LOOK_MORE;
    }
    r->in_mail = look == LOOK_YES;
    r->header_done = !r->in_mail;
    r->scan = r->begin;
    r->started = true;
    return LOOK_YES;
}

/* The end of the current item, if the window shows it. */
static ut_mbox_look find_end(ut_mbox_reader *r, size_t *ret)
{
    if (!r->started) {
        ut_mbox_look look = start(r);
        if (look != LOOK_YES) {
            return look;
        }
    }
    if (!r->header_done) {
        ut_mbox_look look = scan_header(r);
        if (look != LOOK_YES) {
            return look;
        }
    }
    if (r->skip_to) {
        ut_mbox_look look = check_length(r, ret);
        if (look != LOOK_NO) {
            return look;
        }
    }
    return hunt(r, ret);
}

static ut_status read_all(ut_mbox_reader *r, ut_err *err)
{
    while (true) {
        size_t end = 0;
        ut_mbox_look look = find_end(r, &end);
        ut_status st = UT_OK;
        if (look == LOOK_YES && r->window.len > r->begin && end > r->begin) {
            st = deliver(r, end, err);
        } else if (r->ended) {
            return r->window.len > r->begin ? deliver(r, r->window.len, err) : UT_OK;
        } else {
            if (r->window.len - r->begin > UT_RECORD_BYTES_MAX + SEPARATOR_MAX + CHUNK_BYTES) {
                drop_middle(r);
            }
            st = refill(r, err);
        }
        if (st != UT_OK) {
            return st;
        }
    }
}

ut_status ut_mbox_read(ut_stream *stream, ut_mbox_visit visit, void *ctx, ut_err *err)
{
    ut_mbox_reader r = {.stream = stream, .visit = visit, .ctx = ctx, .length = -1, .eol = '\n'};
    r.window = ut_buf_make(UT_RECORD_BYTES_MAX + SEPARATOR_MAX + 4 * CHUNK_BYTES);
    ut_status st = read_all(&r, err);
    ut_buf_free(&r.window);
    return st;
}
