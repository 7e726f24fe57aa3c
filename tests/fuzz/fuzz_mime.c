/* fuzz_mime — any bytes as a mail, headers alone and whole: what comes out is valid UTF-8 within its limits, and both
 * scopes tell the same of the headers. */
#include "codec/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_str(ut_str text)
{
    UT_ASSERT(ut_str_utf8_valid(text) == text.len);
    UT_ASSERT(ut_str_find_byte(text, '\0', 0) == UT_NPOS);
}

static void check_mail(const ut_mail *mail)
{
    check_str(mail->from.address);
    check_str(mail->from.name);
    check_str(mail->subject);
    check_str(mail->message_id);
    check_str(mail->parent_id);
    check_str(mail->list_id);
    check_str(mail->text);
    UT_ASSERT(mail->text.len <= UT_TEXT_BYTES_MAX && mail->to_count <= UT_MAIL_RECIPIENTS_MAX);
    UT_ASSERT(mail->to_primary_count <= mail->to_count && mail->attachments <= mail->parts);
    for (size_t i = 0; i < mail->to_count; i++) {
        check_str(mail->to[i].address);
        check_str(mail->to[i].name);
        UT_ASSERT(mail->to[i].address.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ut_str bytes = {(const char *)data, size};
    ut_arena arena = {0};
    if (ut_arena_open(&arena, 64 * UT_MIB) != UT_OK) {
        return 0;
    }
    ut_mail whole = {0};
    ut_mail headers = {0};
    ut_err err = {0};
    ut_status st = ut_mime_parse(&arena, &whole, bytes, UT_MIME_ALL, &err);
    UT_ASSERT(st == UT_OK || st == UT_INVALID || st == UT_LIMIT);
    UT_ASSERT(st == UT_OK || (err.message[0] && err.byte >= 0 && (size_t)err.byte <= size));
    if (st == UT_OK) {
        check_mail(&whole);
        ut_str head = ut_str_slice(bytes, 0, ut_mime_header_length(bytes));
        UT_ASSERT(ut_mime_parse(&arena, &headers, head, UT_MIME_HEADERS, &err) == UT_OK);
        UT_ASSERT(ut_str_eq(whole.message_id, headers.message_id) && ut_str_eq(whole.subject, headers.subject));
        UT_ASSERT(ut_str_eq(whole.from.address, headers.from.address) && whole.to_count == headers.to_count);
        UT_ASSERT(whole.date_us == headers.date_us && whole.machine == headers.machine && !headers.text.len);
    }
    ut_arena_close(&arena);
    return 0;
}
