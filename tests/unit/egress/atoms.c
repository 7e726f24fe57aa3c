/* Atoms: each with enough people, each row in at most one, whatever the organisation looks like. */
#include "egress/atoms.h"
#include "base/rng.h"
#include "harness/test.h"

#include <stdlib.h>

static int by_team_and_day(const void *a, const void *b)
{
    const ut_atom_row *x = a, *y = b;
    unsigned tx = (unsigned)x->team, ty = (unsigned)y->team; /* the rest last */
    return tx != ty ? (tx > ty) - (tx < ty) : (x->day > y->day) - (x->day < y->day);
}

UT_TEST(egress_atoms, every_atom_has_enough_people_and_no_row_counts_twice)
{
    ut_arena arena;
    UT_REQUIRE(ut_arena_open(&arena, 64 * UT_MIB) == UT_OK);
    for (int round = 0; round < 500; round++) {
        enum { ROOM = 600 };
        ut_atom_row rows[ROOM];
        size_t count = 1 + ut_rng_below(&t->rng, ROOM - 1), held = 0;
        int64_t total = 0, in_atoms = 0;
        int teams = 1 + (int)ut_rng_below(&t->rng, 12), people = 1 + (int)ut_rng_below(&t->rng, 60);
        for (size_t i = 0; i < count; i++) {
            rows[i] = (ut_atom_row){.team = (int32_t)ut_rng_below(&t->rng, (uint64_t)teams + 1) - 1,
                                    .day = 100 + (int32_t)ut_rng_below(&t->rng, 7),
                                    .person = (int64_t)ut_rng_below(&t->rng, (uint64_t)people), .amount = 1};
            total++;
        }
        qsort(rows, count, sizeof *rows, by_team_and_day);
        ut_atoms atoms;
        UT_REQUIRE(ut_atoms_cut(&atoms, &arena, rows, count, 5, NULL) == UT_OK);
        for (size_t i = 0; i < atoms.count; i++) {
            const ut_atom *atom = &atoms.items[i];
            if (!atom->people) {
                continue;
            }
            held++;
            in_atoms += atom->amount;
            UT_EXPECT(atom->people_count >= 5 && atom->from_day <= atom->to_day);
            for (size_t j = 0; j < i; j++) {
                const ut_atom *other = &atoms.items[j];
                UT_EXPECT(!other->people || other->team != atom->team || other->to_day < atom->from_day ||
                          atom->to_day < other->from_day);
            }
        }
        UT_EXPECT(in_atoms <= total && (held || in_atoms == 0));
        ut_arena_reset(&arena);
    }
    ut_arena_close(&arena);
}

UT_TEST(egress_atoms, a_thin_weekend_joins_friday)
{
    ut_arena arena;
    ut_atom_row rows[40];
    size_t count = 0;
    UT_REQUIRE(ut_arena_open(&arena, 1 * UT_MIB) == UT_OK);
    for (int32_t day = 4; day < 9; day++) { /* 1970-01-05 is a Monday */
        for (int64_t person = 0; person < 6; person++) {
            rows[count++] = (ut_atom_row){.team = 0, .day = day, .person = person, .amount = 2};
        }
    }
    rows[count++] = (ut_atom_row){.team = 0, .day = 9, .person = 3, .amount = 7};
    ut_atoms atoms;
    UT_REQUIRE(ut_atoms_cut(&atoms, &arena, rows, count, 5, NULL) == UT_OK);
    UT_REQUIRE(atoms.count == 5);
    UT_EXPECT(atoms.items[3].from_day == 7 && atoms.items[3].to_day == 7 && atoms.items[3].amount == 12);
    UT_EXPECT(atoms.items[4].from_day == 8 && atoms.items[4].to_day == 9 && atoms.items[4].amount == 19);
    UT_EXPECT_I64((int64_t)atoms.items[4].people_count, 6);
    ut_arena_close(&arena);
}

UT_TEST(egress_atoms, a_segment_is_what_a_week_and_a_month_share)
{
    int32_t first, last;
    int32_t day = (int32_t)ut_time_days_of(2026, 1, 30); /* a Friday; February begins on Sunday */
    ut_segment_of(day, &first, &last);
    UT_EXPECT_I64(first, ut_time_days_of(2026, 1, 26));
    UT_EXPECT_I64(last, ut_time_days_of(2026, 1, 31));
    ut_segment_of(last + 1, &first, &last);
    UT_EXPECT(first == last && first == ut_time_days_of(2026, 2, 1));
}
