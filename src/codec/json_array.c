/* codec/json_array.c — see the header. A window over the stream holds at least the element at hand:
 *
 *     file      [ {…}, {…}, {…   …}, {…} ]
 *     window          ├────at────┤           window_byte: the file's byte that window.ptr[0] is
 *
 * Rescans after a break are bounded twice: a doubtful element may have DOUBTFUL_BYTES_MAX, and all scans that led to
 * nothing may together have RESCAN_FACTOR times the bytes read, so that a file of nothing but '{' ends in linear time.
 */
#include "codec/json_array.h"

#define CHUNK_BYTES (256 * UT_KIB)
#define DOUBTFUL_BYTES_MAX (1 * UT_MIB) /* a Slack message with 40,000 characters and its blocks stays far below */
#define RESCAN_FACTOR 8
#define RESCAN_SLACK_BYTES ((int64_t)16 << 20)
#define NONE ((size_t)-1)

typedef struct ut_json_split {
    ut_json *json;
    ut_stream *stream;
    ut_json_array_visit visit;
    void *ctx;
    ut_err *err;
    ut_buf window;
    int64_t window_byte;
    size_t at;             /* in the window */
    ut_status stream_end;  /* UT_OK: more may come; UT_INTERRUPTED: the end; else the stream's failure */
    ut_err stream_err;
    bool doubtful;
    char last;             /* last byte that is not white space before `at` */
    int64_t wasted_bytes;  /* scanned for elements that never ended */
} ut_json_split;

/* Reads one chunk more; false at the end of the stream. Keeps window.ptr[keep_from …) and moves it to the front. */
static bool more(ut_json_split *split, size_t *keep_from)
{
    if (split->stream_end != UT_OK) {
        return false;
    }
    if (*keep_from > 0) {
        memmove(split->window.ptr, split->window.ptr + *keep_from, split->window.len - *keep_from);
        split->window.len -= *keep_from;
        split->window_byte += (int64_t)*keep_from;
        split->at -= *keep_from;
        *keep_from = 0;
    }
    char *to = ut_buf_reserve(&split->window, CHUNK_BYTES);
    size_t len = 0;
    if (!to) {
        split->stream_end = ut_fail(&split->stream_err, UT_NOMEM, "memory ended while reading JSON");
        return false;
    }
    ut_status st = split->stream->read(split->stream->ctx, to, CHUNK_BYTES, &len, &split->stream_err);
    if (st != UT_OK || len == 0) {
        split->stream_end = st == UT_OK ? UT_INTERRUPTED : st;
        return false;
    }
    split->window.len += len;
    return true;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The next byte that is not white space, at split->at; false at the end. */
static bool next_solid(ut_json_split *split)
{
    for (;;) {
        for (; split->at < split->window.len; split->at++) {
            if (!is_white(split->window.ptr[split->at])) {
                return true;
            }
        }
        size_t keep = split->at;
        if (!more(split, &keep)) {
            return false;
        }
    }
}

/* Where a scan stands within an element. */
typedef struct ut_json_scan {
    size_t len;       /* bytes looked at, from the element's beginning */
    int depth;
    uint64_t objects; /* bit n: the bracket opened at depth n is '{' */
    bool string;
    bool escaped;
    bool mismatched;  /* a bracket was closed by one of the other kind */
} ut_json_scan;

_Static_assert(UT_JSON_DEPTH_MAX <= 64, "ut_json_scan.objects has a bit for each depth that can be parsed");

static void scan_open(ut_json_scan *scan, bool object)
{
    if (scan->depth < 64) {
        scan->objects = (scan->objects & ~((uint64_t)1 << scan->depth)) | (uint64_t)object << scan->depth;
    }
    scan->depth++;
}

static void scan_close(ut_json_scan *scan, bool object)
{
    scan->depth--;
    scan->mismatched = scan->depth < 64 && (scan->objects >> scan->depth & 1) != object;
}

/* Looks at bytes of the element until it ends (true) or the bytes do. A line end inside a string is no JSON: the string
 * lost its closing quote, and ends here, so that the next lines are not taken for text. */
static bool scan_on(ut_json_scan *scan, ut_str bytes)
{
    for (; scan->len < bytes.len; scan->len++) {
        char c = bytes.ptr[scan->len];
        if (scan->string) {
            if (scan->escaped) {
                scan->escaped = false;
            } else if (c == '\\') {
                scan->escaped = true;
            } else if (c == '"' || c == '\n') {
                scan->string = false;
            }
        } else if (c == '"') {
            scan->string = true;
        } else if (c == '{' || c == '[') {
            scan_open(scan, c == '{');
        } else if (c == '}' || c == ']') {
            if (scan->depth == 0) {
                return true; /* the array's own end behind a scalar */
            }
            scan_close(scan, c == '}');
            if (scan->depth == 0 || scan->mismatched) {
                scan->len++;
                return true;
            }
        } else if (scan->depth == 0 && (c == ',' || is_white(c))) {
            return true;
        }
    }
    return false;
}

/* Length of the element that begins at split->at; NONE when it does not end within the bytes it may have. */
static size_t scan_element(ut_json_split *split)
{
    size_t cap = split->doubtful ? DOUBTFUL_BYTES_MAX : UT_RECORD_BYTES_MAX;
    ut_json_scan scan = {0};
    for (;;) {
        ut_str rest = {split->window.ptr + split->at, split->window.len - split->at};
        bool ended = scan_on(&scan, ut_str_slice(rest, 0, cap));
        if (ended && !scan.mismatched) {
            return scan.len;
        }
        size_t keep = split->at;
        if (ended || scan.len >= cap || !more(split, &keep)) {
            split->wasted_bytes += (int64_t)scan.len;
            return NONE;
        }
    }
}

static ut_status give_broken(ut_json_split *split, size_t len, int64_t wrong_byte, const char *wrong)
{
    ut_json_element element = {
        .raw = ut_str_slice((ut_str){split->window.ptr, split->window.len}, split->at, split->at + len),
        .byte = split->window_byte + (int64_t)split->at,
        .wrong = wrong,
        .wrong_byte = wrong_byte,
    };
    bool taken = true;
    return split->visit(split->ctx, &element, &taken, split->err);
}

/* An element with balanced brackets. */
static ut_status give_element(ut_json_split *split, size_t len)
{
    int64_t byte = split->window_byte + (int64_t)split->at;
    ut_json_element element = {.raw = {split->window.ptr + split->at, len}, .byte = byte, .doubtful = split->doubtful};
    ut_err why = {0};
    ut_status st = ut_json_parse(split->json, &element.node, element.raw, &why);
    if (st != UT_OK && st != UT_INVALID && st != UT_LIMIT) {
        return ut_fail(split->err, st, "%s", why.message);
    }
    if (st != UT_OK) {
        if (split->doubtful) {
            return UT_OK;
        }
        return give_broken(split, len, byte + why.byte, why.message);
    }
    bool taken = true;
    st = split->visit(split->ctx, &element, &taken, split->err);
    split->doubtful = split->doubtful && !taken;
    return st;
}

/* The brackets don't balance from split->at on: says so once, then goes on behind the opening bracket. */
static ut_status give_unended(ut_json_split *split)
{
    ut_status st = UT_OK;
    if (!split->doubtful) {
        size_t len = split->window.len - split->at;
        st = give_broken(split, len, split->window_byte + (int64_t)split->at,
                         "has no end: a quote or bracket is missing, it is longer than a record may be, or the file is "
                         "cut off");
    }
    split->doubtful = true;
    split->last = split->window.ptr[split->at];
    split->at++;
    return st;
}

static ut_status skip_byte(ut_json_split *split)
{
    split->last = split->window.ptr[split->at];
    split->at++;
    return UT_OK;
}

/* One step with split->at on a byte that is not white space. */
static ut_status take_step(ut_json_split *split, bool *in_out_closed)
{
    char c = split->window.ptr[split->at];
    if (split->doubtful && (c != '{' || split->last == ':')) {
        return skip_byte(split);
    }
    if (!*in_out_closed && c == ',') {
        return skip_byte(split);
    }
    if (!*in_out_closed && c == ']') {
        *in_out_closed = true;
        return skip_byte(split);
    }
    if (!split->doubtful && (*in_out_closed || c == '}' || c == ':')) {
        ut_status st = give_broken(split, 1, split->window_byte + (int64_t)split->at,
                                   *in_out_closed ? "stands behind the end of the array" : "stands between elements");
        split->doubtful = true;
        return st;
    }
    size_t len = scan_element(split);
    if (len == NONE) {
        return give_unended(split);
    }
    bool doubted = split->doubtful;
    ut_status st = give_element(split, len);
    if (doubted && !split->doubtful) {
        *in_out_closed = false;
    }
    split->last = split->window.ptr[split->at + len - 1];
    split->at += len;
    return st;
}

static ut_status split_all(ut_json_split *split)
{
    if (split->window.len >= 3 && memcmp(split->window.ptr, "\xEF\xBB\xBF", 3) == 0) {
        split->at = 3;
    }
    bool closed = false;
    ut_status st = UT_OK;
    if (!next_solid(split) || split->window.ptr[split->at] != '[') {
        /* A stream that failed before it gave anything says more than "no array". */
        bool failed = split->stream_end != UT_OK && split->stream_end != UT_INTERRUPTED;
        closed = true;
        if (!failed) {
            st = give_broken(split, split->window.len - split->at, split->window_byte + (int64_t)split->at,
                             "is not the '[' that begins a JSON array: this is another kind of file");
        }
    } else {
        st = skip_byte(split);
        while (st == UT_OK && next_solid(split)) {
            st = take_step(split, &closed);
            int64_t read = split->window_byte + (int64_t)split->window.len;
            if (st == UT_OK && split->wasted_bytes > RESCAN_FACTOR * read + RESCAN_SLACK_BYTES) {
                return give_broken(split, 1, split->window_byte + (int64_t)split->at,
                                   "is damaged beyond what can be told apart; what follows was not read");
            }
        }
    }
    if (st == UT_OK && split->stream_end != UT_OK && split->stream_end != UT_INTERRUPTED) {
        if (split->err) {
            *split->err = split->stream_err;
        }
        return split->stream_end;
    }
    if (st == UT_OK && !closed && !split->doubtful) {
        return give_broken(split, 0, split->window_byte + (int64_t)split->at, "the array's closing bracket is missing");
    }
    return st;
}

/* The usual case: a valid array in one piece. *ret_done says whether it was one. */
static ut_status visit_whole(ut_json_split *split, bool *ret_done)
{
    ut_str text = {split->window.ptr, split->window.len};
    const ut_json_node *root = NULL;
    ut_status st = ut_json_parse(split->json, &root, text, split->err);
    if (st == UT_NOMEM) {
        return st;
    }
    *ret_done = st == UT_OK && ut_json_is(root, UT_JSON_ARRAY);
    if (!*ret_done) {
        return UT_OK;
    }
    for (const ut_json_node *node = ut_json_first(root); node; node = ut_json_next(node)) {
        ut_json_element element = {.node = node, .raw = node->raw, .byte = node->raw.ptr - text.ptr};
        bool taken = true;
        st = split->visit(split->ctx, &element, &taken, split->err);
        if (st != UT_OK) {
            return st;
        }
    }
    return UT_OK;
}

ut_status ut_json_array_read(ut_json *json, ut_stream *stream, ut_json_array_visit visit, void *ctx, ut_err *err)
{
    ut_json_split split = {.json = json, .stream = stream, .visit = visit, .ctx = ctx, .err = err};
    /* Room for an element, the chunk that overshoots it, and doubling. */
    split.window = ut_buf_make(UT_RECORD_BYTES_MAX + 2 * CHUNK_BYTES);
    size_t keep = 0;
    while (split.window.len <= UT_JSON_ARRAY_WHOLE && more(&split, &keep)) {
    }
    bool done = false;
    ut_status st = UT_OK;
    if (split.stream_end == UT_INTERRUPTED) {
        st = visit_whole(&split, &done);
    }
    if (st == UT_OK && !done) {
        st = split_all(&split);
    }
    ut_buf_free(&split.window);
    return st;
}
