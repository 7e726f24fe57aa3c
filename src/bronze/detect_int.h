/* bronze/detect_int.h — shared by detect.c (bytes), detect_json.c (JSON) and detect_path.c (folders, archives). */
#ifndef UT_BRONZE_DETECT_INT_H
#define UT_BRONZE_DETECT_INT_H

#include "bronze/detect.h"

/* `head` begins with '{' or '['. */
ut_detected ut_detect__json(ut_str name, ut_str head);
/* The last part of a path. */
ut_str ut_detect__file_name(ut_str path);
/* "2024-01-02.json": what Slack calls the file of a day. */
bool ut_detect__is_day(ut_str file);
/* true for what ut_detect__json answers about a file that belongs into a Slack export. */
bool ut_detect__is_slack_part(const ut_detected *found);

#endif
