/* egress/atoms.h — the pieces of which additive figures (messages, hours, …) of groups are made.
 *
 *     ut_atoms atoms;
 *     st = ut_atoms_cut(&atoms, &arena, rows, count, 5, &err);     // all rows of one segment
 *     for (size_t i = 0; i < atoms.count; i++) { … atoms.items[i].people_count >= 5 … }
 *
 * What a person did on a day counts into at most one atom. An atom is a team, or the pooled rest, over one or several
 * days of one segment (what an ISO week and a calendar month have in common), with at least `floor` distinct people.
 * Every additive figure that anybody is shown, of a day, a week, a month, a team or the whole organisation, is a sum of
 * whole atoms. Hence any sum and difference of figures, whoever combines how many of them, either cancels an atom
 * entirely or is about all of its people: nothing about fewer than `floor` people can be found by subtracting.
 * (Sufficient condition (b) of the literature on query-set overlap: only unions of atomic cells, each above the floor.)
 */
#ifndef UT_EGRESS_ATOMS_H
#define UT_EGRESS_ATOMS_H

#include "base/base.h"

#define UT_ATOM_REST (-1) /* as a team: members without a team, and teams with too few people in the segment */

/* What one person did as a member of one team on one day. */
typedef struct ut_atom_row {
    int32_t team; /* the caller's number for it, or UT_ATOM_REST */
    int32_t day;  /* since 1970-01-01 */
    int64_t person;
    int64_t amount;
} ut_atom_row;

typedef struct ut_atom {
    int32_t team;
    int32_t from_day, to_day; /* first and last day with anything in it */
    int64_t amount;
    int64_t *people;          /* distinct, ascending; NULL: this team has too few, its rows went to the rest */
    size_t people_count;
} ut_atom;

typedef struct ut_atoms {
    ut_atom *items; /* by team in the order of the rows, then day; the rest comes last; in the arena */
    size_t count;
} ut_atoms;

/* Cuts the rows of one segment, ordered by team and day; their order within changes. UT_LIMIT when the arena is full.
 */
UT_MUST_CHECK ut_status ut_atoms_cut(ut_atoms *ret, ut_arena *keep, ut_atom_row *rows, size_t count, size_t floor,
                                     ut_err *err);
/* First and last day of the segment that holds `day`. */
void ut_segment_of(int32_t day, int32_t *ret_first, int32_t *ret_last);
/* Sorts numbers and takes doubles out; answers how many are left. */
size_t ut_people_distinct(int64_t *people, size_t count);

#endif
