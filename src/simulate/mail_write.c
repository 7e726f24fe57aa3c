/* simulate/mail_write.c — mails as RFC 5322 + MIME into mbox files (mboxrd quoting), in the shapes that real programs
 * send: plain in three transfer encodings, format=flowed, multipart/alternative, HTML only, with an attachment. */
#include "simulate/simulate_int.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                                     "Dec"};
static const char *const notice_names[][2] = {{"Build Service", "builds-noreply"}, {"Jira", "jira-noreply"},
                                              {"Backup Monitor", "backup-noreply"}, {"Industry Weekly", "newsletter"}};

static bool is_ascii(ut_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static void put_base64(ut_buf *to, ut_str bytes, size_t line_chars)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)bytes.ptr[i] << 16;
        v |= i + 1 < bytes.len ? (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 : 0;
        v |= i + 2 < bytes.len ? (unsigned char)bytes.ptr[i + 2] : 0;
        ut_buf_byte(to, digits[v >> 18]);
        ut_buf_byte(to, digits[v >> 12 & 63]);
        ut_buf_byte(to, i + 1 < bytes.len ? digits[v >> 6 & 63] : '=');
        ut_buf_byte(to, i + 2 < bytes.len ? digits[v & 63] : '=');
        column += 4;
        if (line_chars && column >= line_chars) {
            ut_buf_byte(to, '\n');
            column = 0;
        }
    }
    if (line_chars && column) {
        ut_buf_byte(to, '\n');
    }
}

/* A header's text: as it is when ASCII, else encoded words of at most 45 bytes that never split a character. */
static void put_header_text(ut_buf *to, ut_str text)
{
    if (is_ascii(text)) {
        ut_buf_put(to, text);
        return;
    }
    bool first = true;
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len) {
            size_t next = end;
            (void)ut_str_next_rune(text, &next);
            if (next - at > 45) {
                break;
            }
            end = next;
        }
        ut_buf_puts(to, first ? "=?UTF-8?B?" : "\n =?UTF-8?B?");
        put_base64(to, ut_str_slice(text, at, end), 0);
        ut_buf_puts(to, "?=");
        first = false;
        at = end;
    }
}

static void put_quoted_printable(ut_buf *to, ut_str text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n') {
            ut_buf_byte(to, '\n');
            column = 0;
            continue;
        }
        bool line_end = i + 1 == text.len || text.ptr[i + 1] == '\n';
        bool plain = (c > 32 && c < 127 && c != '=') || ((c == ' ' || c == '\t') && !line_end);
        if (column + (plain ? 1 : 3) > 75) {
            ut_buf_puts(to, "=\n");
            column = 0;
        }
        if (plain) {
            ut_buf_byte(to, (char)c);
        } else {
            char code[3] = {'=', hex[c >> 4], hex[c & 15]};
            ut_buf_put(to, (ut_str){code, 3});
        }
        column += plain ? 1 : 3;
    }
}

/* Lines of at most 72 characters; with `flowed` a soft break keeps its trailing space (RFC 3676). Quotes stay as
 * they are. */
static void put_wrapped(ut_buf *to, ut_str text, bool flowed)
{
    ut_str line;
    while (ut_str_line(&text, &line)) {
        bool fixed = (line.len && line.ptr[0] == '>') || ut_str_eq(line, UT_STR("-- "));
        while (!fixed && line.len > 72) {
            size_t cut = 72;
            while (cut > 30 && line.ptr[cut] != ' ') {
                cut--;
            }
            if (line.ptr[cut] != ' ') {
                break;
            }
            ut_buf_put(to, ut_str_slice(line, 0, flowed ? cut + 1 : cut));
            ut_buf_byte(to, '\n');
            line = ut_str_slice(line, cut + 1, line.len);
        }
        ut_buf_put(to, line);
        ut_buf_byte(to, '\n');
    }
}

static void put_html_text(ut_buf *to, ut_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        ut_buf_puts(to, c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '\n' ? "<br>\n" : "");
        if (c != '<' && c != '>' && c != '&' && c != '\n') {
            ut_buf_byte(to, c);
        }
    }
}

static void put_html(ut_buf *to, const ut_sim_mail *m)
{
    ut_buf_puts(to, "<html><head><style>p{margin:0}</style></head><body><div dir=\"ltr\">");
    put_html_text(to, m->text);
    ut_buf_puts(to, "</div>\n");
    ut_str rest = m->quoted, line, attribution = {0};
    if (rest.len && ut_str_line(&rest, &attribution)) {
        ut_buf_puts(to, "<div class=\"gmail_quote\"><div class=\"gmail_attr\">");
        put_html_text(to, attribution);
        ut_buf_puts(to, "<br></div><blockquote style=\"margin:0 0 0 .8ex;border-left:1px solid #ccc\">\n");
        while (ut_str_line(&rest, &line)) {
            while (line.len && (line.ptr[0] == '>' || line.ptr[0] == ' ')) {
                line = ut_str_slice(line, 1, line.len);
            }
            put_html_text(to, line);
            ut_buf_puts(to, "<br>\n");
        }
        ut_buf_puts(to, "</blockquote></div>\n");
    }
    ut_buf_puts(to, "</body></html>\n");
}

/* Text and quote in the order this writer keeps, with the list's footer. Into sim->text. */
static ut_str plain_body(ut_sim *sim, const ut_sim_mail *m)
{
    ut_buf *to = &sim->text;
    ut_buf_clear(to);
    bool above = m->quote_first && m->quoted.len;
    if (above) {
        ut_buf_put(to, m->quoted);
        ut_buf_byte(to, '\n');
    }
    ut_buf_put(to, m->text);
    if (m->quoted.len && !above) {
        ut_buf_byte(to, '\n');
        ut_buf_put(to, m->quoted);
    }
    if (m->list >= 0) {
        ut_str slug = sim->teams[m->list].slug;
        ut_buf_format(to, "\n_______________________________________________\n" UT_STR_FMT " mailing "
                      "list\n" UT_STR_FMT "@lists."
                          UT_STR_FMT "\n", UT_STR_ARG(slug), UT_STR_ARG(slug), UT_STR_ARG(sim->domain));
    }
    return ut_buf_str(to);
}

static void put_plain_part(ut_buf *to, ut_str body, uint64_t pick)
{
    bool ascii = is_ascii(body);
    if (pick < 40) {
        ut_buf_puts(to, "Content-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n");
        put_quoted_printable(to, body);
    } else if (pick < 50) {
        ut_buf_puts(to, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n");
        put_base64(to, body, 76);
    } else if (pick < 65) {
        ut_buf_format(to, "Content-Type: text/plain; charset=%s; format=flowed\nContent-Transfer-Encoding: %s\n\n",
                      ascii ? "us-ascii" : "utf-8", ascii ? "7bit" : "8bit");
        put_wrapped(to, body, true);
    } else {
        ut_buf_format(to, "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n", ascii
                      ? "us-ascii" : "utf-8",
                      ascii ? "7bit" : "8bit");
        put_wrapped(to, body, false);
    }
}

static void put_html_part(ut_sim *sim, ut_buf *to, const ut_sim_mail *m)
{
    ut_buf_clear(&sim->draft);
    put_html(&sim->draft, m);
    ut_buf_puts(to, "Content-Type: text/html; charset=\"UTF-8\"\nContent-Transfer-Encoding: quoted-printable\n\n");
    put_quoted_printable(to, ut_buf_str(&sim->draft));
}

static void put_attachment(ut_buf *to, const ut_sim_mail *m)
{
    char bytes[300];
    ut_rng rng = {m->id};
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)ut_rng_below(&rng, 256);
    }
    ut_buf_format(to, "Content-Type: application/pdf; name=\"attachment-%d.pdf\"\nContent-Disposition: attachment; "
                      "filename=\"attachment-%d.pdf\"\nContent-Transfer-Encoding: base64\n\n", (int)(m->id % 900),
                  (int)(m->id % 900));
    put_base64(to, (ut_str){bytes, sizeof bytes}, 76);
}

static void put_body(ut_sim *sim, ut_buf *to, const ut_sim_mail *m)
{
    ut_str body = plain_body(sim, m);
    uint64_t pick = ut_hash_mix(m->id ^ 0xB0D1E5u, 3) % 100, encoding = ut_hash_mix(m->id ^ 0xE9C0DEu, 5) % 100;
    unsigned long long mark = (unsigned long long)ut_hash_u64(m->id);
    if (pick < 32) {
        ut_buf_format(to, "Content-Type: multipart/alternative; boundary=\"00000000%012llx\"\n\n--00000000%012llx\n",
                      mark >> 16, mark >> 16);
        put_plain_part(to, body, encoding);
        ut_buf_format(to, "\n--00000000%012llx\n", mark >> 16);
        put_html_part(sim, to, m);
        ut_buf_format(to, "\n--00000000%012llx--\n", mark >> 16);
    } else if (pick < 37) {
        put_html_part(sim, to, m);
    } else if (pick < 42) {
        ut_buf_format(to, "Content-Type: multipart/mixed; boundary=\"=_%016llx\"\n\nThis is a multi-part message in "
                      "MIME "
                          "format.\n--=_%016llx\n", mark, mark);
        put_plain_part(to, body, encoding);
        ut_buf_format(to, "\n--=_%016llx\n", mark);
        put_attachment(to, m);
        ut_buf_format(to, "--=_%016llx--\n", mark);
    } else {
        put_plain_part(to, body, encoding);
    }
}

static void put_mailbox(ut_buf *to, ut_str name, ut_str email)
{
    if (ut_str_has(name, UT_STR("'"))) {
        ut_buf_format(to, "\"" UT_STR_FMT "\"", UT_STR_ARG(name));
    } else {
        put_header_text(to, name);
    }
    ut_buf_format(to, " <" UT_STR_FMT ">", UT_STR_ARG(email));
}

static ut_str sender_email(ut_sim *sim, const ut_sim_mail *m)
{
    if (m->form == MAIL_OUTSIDE) {
        return sim->outsiders[m->author].email;
    }
    if (m->form == MAIL_NOTICE || m->form == MAIL_NEWSLETTER) {
        static char address[96];
        size_t len = (size_t)snprintf(address, sizeof address, "%s@%s", notice_names[m->author][1],
                                      m->form == MAIL_NEWSLETTER ? "industry-weekly.example" : sim->domain.ptr);
        return (ut_str){address, len};
    }
    return sim->people[m->author].email;
}

static void put_recipients(ut_sim *sim, ut_buf *to, const ut_sim_mail *m, const char *name, int from, int until)
{
    bool list = m->list >= 0 && from == 0;
    if (from >= until && !list) {
        return;
    }
    ut_buf_format(to, "%s: ", name);
    if (list) {
        ut_buf_format(to, UT_STR_FMT "@lists." UT_STR_FMT, UT_STR_ARG(sim->teams[m->list].slug),
                      UT_STR_ARG(sim->domain));
        ut_buf_puts(to, from < until ? ",\n\t" : "");
    }
    for (int i = from; i < until; i++) {
        int who = m->to[i];
        ut_buf_puts(to, i > from ? ",\n\t" : "");
        if (who < 0) {
            put_mailbox(to, sim->outsiders[-1 - who].name, sim->outsiders[-1 - who].email);
        } else {
            put_mailbox(to, sim->people[who].name, sim->people[who].email);
        }
    }
    ut_buf_byte(to, '\n');
}

static void put_id(ut_sim *sim, ut_buf *to, uint64_t id)
{
    ut_buf_format(to, "<%016llx.%04x@mail." UT_STR_FMT ">", (unsigned long long)id,
                  (unsigned)(ut_hash_u64(id) & 0xffff), UT_STR_ARG(sim->domain));
}

static void put_date_header(ut_buf *to, int64_t at_us, int offset_min)
{
    int64_t local = at_us + offset_min * UT_MINUTE_US, year, second = local % UT_DAY_US / UT_SECOND_US;
    int month, day, size = offset_min < 0 ? -offset_min : offset_min;
    ut_time_civil_of(local / UT_DAY_US, &year, &month, &day);
    ut_buf_format(to, "Date: %s, %d %s %d %02d:%02d:%02d %c%02d%02d\n", days[ut_time_weekday(local / UT_DAY_US)], day,
                  months[month - 1], (int)year, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60),
                  offset_min < 0 ? '-' : '+', size / 60, size % 60);
}

static void put_machine_headers(ut_sim *sim, ut_buf *to, const ut_sim_mail *m)
{
    if (m->form == MAIL_OUT_OF_OFFICE) {
        ut_buf_puts(to, "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n");
    } else if (m->form == MAIL_NOTICE) {
        ut_buf_puts(to, "Auto-Submitted: auto-generated\nPrecedence: bulk\n");
    } else if (m->form == MAIL_NEWSLETTER) {
        ut_buf_format(to, "List-Id: Industry Weekly <weekly.industry-weekly.example>\nList-Unsubscribe: "
                          "<https://industry-weekly.example/u/%08llx>\nPrecedence: bulk\n",
                              (unsigned long long)m->id >> 32);
    }
    if (m->list >= 0) {
        const ut_sim_team *t = &sim->teams[m->list];
        ut_buf_format(to, "List-Id: " UT_STR_FMT " <" UT_STR_FMT ".lists." UT_STR_FMT ">\nList-Post: "
                      "<mailto:" UT_STR_FMT
                          "@lists." UT_STR_FMT ">\n", UT_STR_ARG(t->name), UT_STR_ARG(t->slug), UT_STR_ARG(sim->domain),
                      UT_STR_ARG(t->slug), UT_STR_ARG(sim->domain));
    }
}

static void put_headers(ut_sim *sim, ut_buf *to, const ut_sim_mail *m)
{
    bool machine = m->form == MAIL_NOTICE || m->form == MAIL_NEWSLETTER;
    ut_str name = machine                   ? ut_str_of(notice_names[m->author][0])
                  : m->form == MAIL_OUTSIDE ? sim->outsiders[m->author].name
                                            : sim->people[m->author].name;
    ut_buf_puts(to, "From: ");
    put_mailbox(to, name, sender_email(sim, m));
    ut_buf_byte(to, '\n');
    put_recipients(sim, to, m, "To", 0, m->primary_count);
    put_recipients(sim, to, m, "Cc", m->primary_count, m->to_count);
    ut_buf_puts(to, "Subject: ");
    if (m->list >= 0 && !ut_str_starts(m->subject, UT_STR("Re: "))) {
        ut_buf_format(to, "[" UT_STR_FMT "] ", UT_STR_ARG(sim->teams[m->list].slug));
    }
    put_header_text(to, m->subject);
    ut_buf_byte(to, '\n');
    put_date_header(to, m->at_us, machine ? 0 : ut_sim__zone_offset_min(m->zone, m->at_us));
    ut_buf_puts(to, "Message-ID: ");
    put_id(sim, to, m->id);
    if (m->reference_count) {
        ut_buf_puts(to, "\nIn-Reply-To: ");
        put_id(sim, to, m->references[m->reference_count - 1]);
        ut_buf_puts(to, "\nReferences:");
        for (int i = 0; i < m->reference_count; i++) {
            ut_buf_puts(to, i ? "\n " : " ");
            put_id(sim, to, m->references[i]);
        }
    }
    ut_buf_byte(to, '\n');
    put_machine_headers(sim, to, m);
    ut_buf_puts(to, "MIME-Version: 1.0\n");
}

/* mboxrd: one '>' more before every line that is '>'s and "From ". */
static void put_escaped(ut_buf *to, ut_str mail)
{
    ut_str line;
    while (ut_str_line(&mail, &line)) {
        size_t marks = 0;
        while (marks < line.len && line.ptr[marks] == '>') {
            marks++;
        }
        if (ut_str_starts(ut_str_slice(line, marks, line.len), UT_STR("From "))) {
            ut_buf_byte(to, '>');
        }
        ut_buf_put(to, line);
        ut_buf_byte(to, '\n');
    }
    ut_buf_byte(to, '\n');
}

static void put_mail(ut_sim *sim, ut_buf *to, const ut_sim_mail *m)
{
    int64_t year, second = m->at_us % UT_DAY_US / UT_SECOND_US;
    int month, day;
    ut_time_civil_of(m->at_us / UT_DAY_US, &year, &month, &day);
    ut_str sender = sender_email(sim, m);
    ut_buf_format(to, "From " UT_STR_FMT " %s %s %2d %02d:%02d:%02d %d\n", UT_STR_ARG(sender),
                  days[ut_time_weekday(m->at_us / UT_DAY_US)], months[month - 1], day, (int)(second / 3600),
                  (int)(second / 60 % 60), (int)(second % 60), (int)year);
    ut_buf_clear(&sim->part);
    put_headers(sim, &sim->part, m);
    put_body(sim, &sim->part, m);
    put_escaped(to, ut_buf_str(&sim->part));
    sim->counts.mails += m->form == MAIL_PERSON;
    sim->counts.mails_outside += m->form == MAIL_OUTSIDE;
    sim->counts.mails_machine += m->form > MAIL_OUTSIDE;
    if (m->form == MAIL_PERSON) {
        ut_buf_clear(&sim->styled);
        put_id(sim, &sim->styled, m->id);
        ut_str id = ut_buf_str(&sim->styled);
        ut_sim__truth_message(sim, UT_STR("mail"), ut_str_slice(id, 1, id.len - 1), m->author, m->at_us, m->features);
    }
}

static int by_list_and_time(const void *a, const void *b)
{
    const ut_sim_mail *x = *(ut_sim_mail *const *)a, *y = *(ut_sim_mail *const *)b;
    if (x->list != y->list) {
        return x->list < y->list ? -1 : 1;
    }
    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return x->seq < y->seq ? -1 : 1;
}

void ut_sim__mail_day_write(ut_sim *sim, ut_sim_bucket *bucket, int64_t day)
{
    ut_sim_mail **sorted = ut_new(&bucket->arena, ut_sim_mail *, bucket->mail_count + 1);
    if (!sorted) {
        ut_sim__fail(sim, UT_LIMIT, "a day's mails do not fit into its arena");
        return;
    }
    uint32_t count = 0;
    for (ut_sim_mail *m = bucket->mails; m; m = m->next) {
        sorted[count++] = m;
    }
    qsort(sorted, count, sizeof *sorted, by_list_and_time);
    int64_t year;
    int month, date;
    ut_time_civil_of(day, &year, &month, &date);
    for (uint32_t i = 0; i < count && sim->failed == UT_OK;) {
        int list = sorted[i]->list;
        ut_buf_clear(&sim->file);
        while (i < count && sorted[i]->list == list) {
            put_mail(sim, &sim->file, sorted[i++]);
        }
        char path[128];
        /* A run by size is for benches, which want one mailbox. */
        size_t len = sim->options.bytes_min ? (size_t)snprintf(path, sizeof path, "mail/all.mbox")
                     : list >= 0 ? (size_t)snprintf(path, sizeof path, "mail/list-%s.mbox", sim->teams[list].slug.ptr)
                               : (size_t)snprintf(path, sizeof path, "mail/%04d-%02d.mbox", (int)year, month);
        ut_sim__write(sim, (ut_str){path, len}, ut_buf_str(&sim->file));
    }
}
