/* people/people_int.h — inside the room. */
#ifndef UT_PEOPLE_PEOPLE_INT_H
#define UT_PEOPLE_PEOPLE_INT_H

#include "codec/json.h"
#include "people/people.h"

/* Derives who is who inside the caller's transaction: what changes claims, merges or marks calls it before its commit,
 * so that a kill leaves either all of the change or none. */
UT_MUST_CHECK ut_status ut_people__derive(ut_workspace *workspace, ut_err *err);
/* "id" and "name" of a stored row of people.csv, copied; the name may be empty. */
UT_MUST_CHECK ut_status ut_people__row_names(ut_json *json, ut_arena *keep, ut_str *ret_id, ut_str *ret_name,
                                             ut_str row, ut_err *err);

#endif
