/* simulate/zip_write.c — slack.zip: the same members as slack/, stored without compression.
 *
 * Written by hand in 100 lines rather than by libarchive, whose header belongs to codec/archive.c alone; and stored, so
 * that the bytes do not depend on a compressor's version.
 *
 *     per member: local header (30 bytes) + name + bytes;  at the end: a directory entry (46 bytes) + name per member,
 *     then the end record (22 bytes). All numbers little-endian. Without Zip64: up to 65,535 members and 4 GB.
 */
#include "simulate/simulate_int.h"

#define MEMBERS_MAX 65535
#define MODIFIED_DATE 0x5821u /* 1 January 2024, midnight: no clock is read */

static uint32_t crc_of(ut_str bytes)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.ptr[i];
        for (int k = 0; k < 8; k++) {
            crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
        }
    }
    return ~crc;
}

static void put_number(ut_buf *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        ut_buf_byte(to, (char)(value >> (8 * i)));
    }
}

/* What local header and directory entry share, from "version needed" to "extra length". */
static void put_common(ut_buf *to, uint32_t crc, ut_str name, size_t size)
{
    put_number(to, 20, 2);
    put_number(to, 1 << 11, 2); /* names are UTF-8 */
    put_number(to, 0, 2);       /* stored */
    put_number(to, 0, 2);
    put_number(to, MODIFIED_DATE, 2);
    put_number(to, crc, 4);
    put_number(to, size, 4);
    put_number(to, size, 4);
    put_number(to, name.len, 2);
    put_number(to, 0, 2);
}

void ut_sim__zip_add(ut_sim *sim, ut_str name, ut_str bytes)
{
    if (sim->zip_members == MEMBERS_MAX || sim->zip_bytes + bytes.len > 0xF0000000u) {
        ut_sim__fail(sim, UT_LIMIT, "slack.zip would need more than 65,535 members or 4 GB: leave out --zip");
        return;
    }
    uint32_t crc = crc_of(bytes);
    ut_buf *to = &sim->zip_header;
    ut_buf_clear(to);
    put_number(to, 0x04034b50, 4);
    put_common(to, crc, name, bytes.len);
    ut_buf_put(to, name);

    ut_buf *directory = &sim->zip_directory;
    put_number(directory, 0x02014b50, 4);
    put_number(directory, 20, 2);
    put_common(directory, crc, name, bytes.len);
    put_number(directory, 0, 2);
    put_number(directory, 0, 2);
    put_number(directory, 0, 2);
    put_number(directory, 0, 4);
    put_number(directory, sim->zip_bytes, 4);
    ut_buf_put(directory, name);

    sim->zip_members++;
    sim->zip_bytes += to->len + bytes.len;
    ut_sim__write(sim, UT_STR("slack.zip"), ut_buf_str(to));
    ut_sim__write(sim, UT_STR("slack.zip"), bytes);
}

void ut_sim__zip_end(ut_sim *sim)
{
    size_t size = sim->zip_directory.len;
    ut_buf *to = &sim->zip_directory;
    put_number(to, 0x06054b50, 4);
    put_number(to, 0, 4);
    put_number(to, sim->zip_members, 2);
    put_number(to, sim->zip_members, 2);
    put_number(to, size, 4);
    put_number(to, sim->zip_bytes, 4);
    put_number(to, 0, 2);
    ut_sim__write(sim, UT_STR("slack.zip"), ut_buf_str(to));
}
