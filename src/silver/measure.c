/* silver/measure.c — the catalogue as data.
 *
 * Sources: VI = Viva Insights' metric reference, YV = Yva, own = ours. Scale floors and min_n are ours, to be refitted
 * on an organisation's own data: a quarter of an hour for figures that are mostly small, half an hour for those that
 * fill the day, one for counts, five hundredths of a share; ten days are two working weeks.
 */
#include "silver/measure.h"

#define COUNTED                                                                                                        \
    "Meetings that are cancelled, all-day, longer than 24 h, shown as free, declined or unanswered, or of one person."
#define SENT "Automatic mail and bots; what was only received."
#define COUNTED_SENT COUNTED " " SENT
#define NOTICE_EXCLUSIONS COUNTED " Meetings of which nobody knows when the invitation came."

#define PERSON_DAY(key_, title_) .key = (key_), .version = 1, .title = (title_), .level = "person", .grain = "day"
#define HOURS(floor_) .unit = UT_UNIT_HOURS, .fold = UT_FOLD_SUM, .scale_floor = (floor_), .min_n = 10
#define MEAN_HOURS(floor_) .unit = UT_UNIT_HOURS, .fold = UT_FOLD_MEAN, .scale_floor = (floor_), .min_n = 10
#define COUNT .unit = UT_UNIT_COUNT, .fold = UT_FOLD_SUM, .scale_floor = 1, .min_n = 10
#define RATIO(part_, whole_)                                                                                           \
    .unit = UT_UNIT_SHARE, .fold = UT_FOLD_RATIO, .part = (part_), .whole = (whole_), .scale_floor = 0.05, .min_n = 10
#define TALK (UT_INPUT_CALENDAR | UT_INPUT_MAIL | UT_INPUT_CHAT)

static const ut_measure catalogue[] = {
    [UT_MEASURE_WORK_HOURS] = {
        PERSON_DAY("work_hours", "Work hours"), HOURS(0.5),
        .inputs = UT_INPUT_HOURS,
        .definition = "The person's own work hours within the day.",
        .exclusions = "",
        .source = "own",
        .example = "work 09:00-12:30 13:00-17:00",
        .result = "7.5"},
    [UT_MEASURE_IN_PROGRESS_HOURS] = {
        PERSON_DAY("in_progress_hours", "Hours with work in progress"), HOURS(0.5),
        .inputs = UT_INPUT_ITEMS,
        .definition = "Hours of the day, day and night, in which at least one work item of the person is in progress.",
        .exclusions = "",
        .source = "own",
        .example = "item 09:00-12:00\n"
                   "item 11:00-13:00  # two at once count once",
        .result = "4"},
    [UT_MEASURE_COLLABORATION_HOURS] = {
        PERSON_DAY("collaboration_hours", "Collaboration hours"), HOURS(0.25),
        .inputs = TALK,
        .definition = "Hours in meetings, mail and chat with at least one other person; what overlaps counts once. A "
                      "sent mail took the 5 minutes that end at its sending. Chat messages of one conversation at most "
                      "15 minutes apart are one session, which lasts from the first to the last and at least the "
                      "5 minutes that end at the last.",
        .exclusions = COUNTED_SENT " Mail and chat that only the person gets.",
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "mail 10:30              # during the meeting: counts once\n"
                   "chat ops 14:00 14:10    # one session of 10 minutes\n"
                   "mail 15:00              # 5 minutes\n"
                   "mail 16:00 to oneself   # nobody else",
        .result = "1.25"},
    [UT_MEASURE_AFTER_HOURS_COLLABORATION_HOURS] = {
        PERSON_DAY("after_hours_collaboration_hours", "After-hours collaboration hours"), HOURS(0.25),
        .inputs = UT_INPUT_HOURS | TALK,
        .definition = "The part of collaboration_hours that lies outside the person's work hours. What is done before "
                      "04:00 belongs to the day before.",
        .exclusions = COUNTED_SENT " Mail and chat that only the person gets.",
        .source = "VI",
        .example = "meeting 16:30-18:00     # half an hour of it is work time\n"
                   "chat ops 25:00 25:15    # after midnight, still this day",
        .result = "1.25"},
    [UT_MEASURE_MEETING_HOURS] = {
        PERSON_DAY("meeting_hours", "Meeting hours"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings with at least one other person; meetings that overlap count once. A meeting "
                      "is an entry the person accepted or organised, shown as busy.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 10:30-11:30\n"
                   "meeting 13:00-14:00 declined\n"
                   "meeting 14:00-15:00 free\n"
                   "meeting 15:00-16:00 1 people",
        .result = "1.5"},
    [UT_MEASURE_CONFLICTING_MEETING_HOURS] = {
        PERSON_DAY("conflicting_meeting_hours", "Conflicting meeting hours"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours covered by two or more meetings at once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 10:30-11:30\n"
                   "meeting 10:45-11:00  # a third one adds nothing",
        .result = "0.5"},
    [UT_MEASURE_MULTITASKING_HOURS] = {
        PERSON_DAY("multitasking_hours", "Multitasking hours"), HOURS(0.25),
        .inputs = TALK,
        .definition = "Hours of meetings during which the person wrote mail or chat: only the time in which both "
                      "happened.",
        .exclusions = COUNTED_SENT,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "mail 10:02                    # 2 of its 5 minutes are in the meeting\n"
                   "chat ops 10:50 10:58 11:13    # one session; its first 10 minutes are",
        .result = "0.2"},
    [UT_MEASURE_SMALL_MEETING_HOURS] = {
        PERSON_DAY("small_meeting_hours", "Hours in small meetings"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings of 2 to 8 people, organiser and invited; what overlaps counts once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00 8 people\n"
                   "meeting 13:00-13:30 9 people",
        .result = "1"},
    [UT_MEASURE_LARGE_MEETING_HOURS] = {
        PERSON_DAY("large_meeting_hours", "Hours in large meetings"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings of 9 people or more, organiser and invited; what overlaps counts once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00 8 people\n"
                   "meeting 13:00-13:30 9 people",
        .result = "0.5"},
    [UT_MEASURE_SHORT_MEETING_HOURS] = {
        PERSON_DAY("short_meeting_hours", "Hours in short meetings"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings that last an hour or less; what overlaps counts once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 13:00-14:30",
        .result = "1"},
    [UT_MEASURE_LONG_MEETING_HOURS] = {
        PERSON_DAY("long_meeting_hours", "Hours in long meetings"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings that last more than an hour; what overlaps counts once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 13:00-14:30",
        .result = "1.5"},
    [UT_MEASURE_RECURRING_MEETING_HOURS] = {
        PERSON_DAY("recurring_meeting_hours", "Hours in recurring meetings"), HOURS(0.25),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Hours in meetings that are part of a series; what overlaps counts once.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 09:15-09:30 recurring\n"
                   "meeting 10:00-11:00",
        .result = "0.25"},
    [UT_MEASURE_AVAILABLE_TO_FOCUS_HOURS] = {
        PERSON_DAY("available_to_focus_hours", "Hours available to focus"), HOURS(0.5),
        .inputs = UT_INPUT_HOURS | UT_INPUT_CALENDAR,
        .definition = "Work hours without meetings: uninterrupted_hours + interrupted_hours + fragmented_hours.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 16:30-17:30  # half an hour of it is work time",
        .result = "6.5"},
    [UT_MEASURE_UNINTERRUPTED_HOURS] = {
        PERSON_DAY("uninterrupted_hours", "Uninterrupted hours"), HOURS(0.5),
        .inputs = UT_INPUT_HOURS | TALK,
        .definition = "Work hours in stretches of an hour or more without meeting, sent mail or chat.",
        .exclusions = COUNTED_SENT,
        .source = "VI",
        .example = "meeting 11:00-12:00\n"
                   "mail 10:05             # 09:00-10:00 stays whole; 10:05-11:00 is too short\n"
                   "chat ops 14:00 14:15   # 12:00-14:00 and 14:15-17:00 stay",
        .result = "5.75"},
    [UT_MEASURE_INTERRUPTED_HOURS] = {
        PERSON_DAY("interrupted_hours", "Interrupted hours"), HOURS(0.25),
        .inputs = UT_INPUT_HOURS | TALK,
        .definition = "Of the work hours in stretches of an hour or more between meetings, what sent mail and chat "
                      "leave in pieces of less than an hour, and the time of writing itself.",
        .exclusions = COUNTED_SENT,
        .source = "VI",
        .example = "meeting 10:00-16:00\n"
                   "mail 09:30         # 09:00-10:00 is broken; 16:00-17:00 is whole",
        .result = "1"},
    [UT_MEASURE_FRAGMENTED_HOURS] = {
        PERSON_DAY("fragmented_hours", "Fragmented hours"), HOURS(0.25),
        .inputs = UT_INPUT_HOURS | UT_INPUT_CALENDAR,
        .definition = "Work hours in stretches of less than an hour between meetings.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 09:30-11:00  # half an hour before it\n"
                   "meeting 11:45-16:00  # 45 minutes between; the hour after it is a block",
        .result = "1.25"},
    [UT_MEASURE_WORKLOAD_HOURS] = {
        PERSON_DAY("workload_hours", "Workload hours"), HOURS(0.5),
        .inputs = UT_INPUT_HOURS | TALK | UT_INPUT_ITEMS,
        .definition = "collaboration_hours + the smaller of available_to_focus_hours and in_progress_hours.",
        .exclusions = COUNTED_SENT " Mail and chat that only the person gets.",
        .source = "own",
        .example = "meeting 10:00-11:00\n"
                   "meeting 18:00-19:00  # 2 hours together; 7 work hours are free\n"
                   "item 09:00-14:00     # 5 hours, fewer than 7",
        .result = "7"},
    [UT_MEASURE_ACTIVE_CONNECTED_HOURS] = {
        PERSON_DAY("active_connected_hours", "Active connected hours"), HOURS(0.5),
        .inputs = TALK,
        .definition = "Half hours, counted from 04:00, in which the person was in a meeting or wrote mail or chat at "
                      "any time, times 0.5.",
        .exclusions = COUNTED_SENT,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "mail 10:50   # in a half hour that counts already\n"
                   "mail 12:02   # 11:57-12:02 touches two half hours",
        .result = "2"},
    [UT_MEASURE_COLLABORATION_SPAN] = {
        PERSON_DAY("collaboration_span", "Collaboration span"), MEAN_HOURS(0.5),
        .inputs = TALK,
        .definition = "Hours from the beginning of the first to the end of the last meeting, mail or chat of the day. "
                      "What is done before 04:00 belongs to the day before. A day without any has no span.",
        .exclusions = COUNTED_SENT,
        .source = "VI, YV",
        .example = "mail 08:35           # begun at 08:30\n"
                   "meeting 10:00-11:00\n"
                   "mail 25:30           # half past one in the night",
        .result = "17"},
    [UT_MEASURE_RECOVERY_HOURS] = {
        PERSON_DAY("recovery_hours", "Recovery hours"), MEAN_HOURS(0.5),
        .inputs = TALK,
        .definition = "Hours from the last activity of the day before to the first of this day. A day has a value when "
                      "both days have an activity.",
        .exclusions = COUNTED_SENT,
        .source = "own",
        .example = "yesterday mail 18:00\n"
                   "yesterday chat ops 22:30 22:40\n"
                   "mail 07:45   # begun at 07:40",
        .result = "9"},
    [UT_MEASURE_SHORT_RECOVERIES] = {
        PERSON_DAY("short_recoveries", "Short recoveries"), COUNT,
        .inputs = TALK,
        .definition = "1 when recovery_hours is below 11, else 0. A day without recovery_hours has no value.",
        .exclusions = COUNTED_SENT,
        .source = "own",
        .example = "yesterday meeting 20:00-21:00\n"
                   "mail 07:45   # begun at 07:40: 10 hours and 40 minutes",
        .result = "1"},
    [UT_MEASURE_MEETINGS] = {
        PERSON_DAY("meetings", "Meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day, counted as in meeting_hours.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 23:00-29:00            # ends tomorrow\n"
                   "yesterday meeting 23:00-29:00  # began yesterday\n"
                   "meeting 15:00-16:00 cancelled",
        .result = "2"},
    [UT_MEASURE_SMALL_MEETINGS] = {
        PERSON_DAY("small_meetings", "Small meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings of 2 to 8 people that begin on the day.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00 2 people\n"
                   "meeting 11:00-12:00 8 people\n"
                   "meeting 13:00-14:00 9 people",
        .result = "2"},
    [UT_MEASURE_LARGE_MEETINGS] = {
        PERSON_DAY("large_meetings", "Large meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings of 9 people or more that begin on the day.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00 2 people\n"
                   "meeting 11:00-12:00 8 people\n"
                   "meeting 13:00-14:00 9 people",
        .result = "1"},
    [UT_MEASURE_SHORT_MEETINGS] = {
        PERSON_DAY("short_meetings", "Short meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings of an hour or less that begin on the day.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 11:00-11:30\n"
                   "meeting 13:00-14:05",
        .result = "2"},
    [UT_MEASURE_LONG_MEETINGS] = {
        PERSON_DAY("long_meetings", "Long meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings of more than an hour that begin on the day.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 10:00-11:00\n"
                   "meeting 11:00-11:30\n"
                   "meeting 13:00-14:05",
        .result = "1"},
    [UT_MEASURE_RECURRING_MEETINGS] = {
        PERSON_DAY("recurring_meetings", "Recurring meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings of a series that begin on the day.",
        .exclusions = COUNTED,
        .source = "VI",
        .example = "meeting 09:15-09:30 recurring\n"
                   "meeting 10:00-11:00",
        .result = "1"},
    [UT_MEASURE_NOTICE_TO_6H_MEETINGS] = {
        PERSON_DAY("meeting_notice_to_6h", "Meetings at up to 6 hours' notice"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day, of which the person knew 6 hours before or less, or only "
                      "afterwards.",
        .exclusions = NOTICE_EXCLUSIONS,
        .source = "VI",
        .example = "meeting 10:00-11:00 notice 6h\n"
                   "meeting 12:00-13:00 notice 7h\n"
                   "meeting 15:00-16:00           # nobody knows",
        .result = "1"},
    [UT_MEASURE_NOTICE_TO_12H_MEETINGS] = {
        PERSON_DAY("meeting_notice_to_12h", "Meetings at 6 to 12 hours' notice"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day, of which the person knew more than 6 and at most 12 hours "
                      "before.",
        .exclusions = NOTICE_EXCLUSIONS,
        .source = "VI",
        .example = "meeting 10:00-11:00 notice 6h\n"
                   "meeting 12:00-13:00 notice 7h\n"
                   "meeting 15:00-16:00 notice 12h",
        .result = "2"},
    [UT_MEASURE_NOTICE_TO_24H_MEETINGS] = {
        PERSON_DAY("meeting_notice_to_24h", "Meetings at 12 to 24 hours' notice"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day, of which the person knew more than 12 and less than 24 hours "
                      "before.",
        .exclusions = NOTICE_EXCLUSIONS,
        .source = "VI",
        .example = "meeting 10:00-11:00 notice 12h\n"
                   "meeting 12:00-13:00 notice 23h\n"
                   "meeting 15:00-16:00 notice 24h",
        .result = "1"},
    [UT_MEASURE_NOTICE_FROM_24H_MEETINGS] = {
        PERSON_DAY("meeting_notice_from_24h", "Meetings at 24 hours' notice or more"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day, of which the person knew 24 hours before or earlier.",
        .exclusions = NOTICE_EXCLUSIONS,
        .source = "VI",
        .example = "meeting 10:00-11:00 notice 24h\n"
                   "meeting 12:00-13:00 notice 23h\n"
                   "meeting 15:00-16:00 notice 720h",
        .result = "2"},
    [UT_MEASURE_BACK_TO_BACK_MEETINGS] = {
        PERSON_DAY("back_to_back_meetings", "Back-to-back meetings"), COUNT,
        .inputs = UT_INPUT_CALENDAR,
        .definition = "Meetings that begin on the day less than 5 minutes after those that began earlier are over, or "
                      "while one of them still goes on.",
        .exclusions = COUNTED,
        .source = "own",
        .example = "meeting 10:00-11:00\n"
                   "meeting 11:04-11:30  # 4 minutes: no break\n"
                   "meeting 11:35-12:00  # 5 minutes: a break\n"
                   "meeting 11:35-12:00  # begins with it: a conflict, no more",
        .result = "1"},
    [UT_MEASURE_MEETING_LOAD] = {
        PERSON_DAY("meeting_load", "Meeting load"), RATIO(UT_MEASURE_MEETING_HOURS, UT_MEASURE_WORK_HOURS),
        .inputs = UT_INPUT_HOURS | UT_INPUT_CALENDAR,
        .definition = "meeting_hours / work_hours. Meetings outside work hours count too, so that it may exceed 1. "
                      "Without work hours there is no value.",
        .exclusions = COUNTED,
        .source = "own",
        .example = "meeting 10:00-11:00\n"
                   "meeting 18:00-19:00",
        .result = "0.25"},
    [UT_MEASURE_BACK_TO_BACK_SHARE] = {
        PERSON_DAY("back_to_back_share", "Back-to-back share"),
        RATIO(UT_MEASURE_BACK_TO_BACK_MEETINGS, UT_MEASURE_MEETINGS),
        .inputs = UT_INPUT_CALENDAR,
        .definition = "back_to_back_meetings / meetings. Without meetings there is no value.",
        .exclusions = COUNTED,
        .source = "own",
        .example = "meeting 10:00-11:00\n"
                   "meeting 11:00-11:30\n"
                   "meeting 13:00-14:00\n"
                   "meeting 15:00-16:00",
        .result = "0.25"},
};

_Static_assert(sizeof catalogue / sizeof *catalogue == UT_MEASURE_COUNT, "each measure stands in the catalogue");

const ut_measure *ut_measure_get(ut_measure_id id)
{
    UT_ASSERT((size_t)id < UT_MEASURE_COUNT);
    return &catalogue[id];
}

bool ut_measure_find(ut_measure_id *ret, ut_str key)
{
    for (size_t i = 0; i < UT_MEASURE_COUNT; i++) {
        if (ut_str_eq(key, ut_str_of(catalogue[i].key))) {
            *ret = (ut_measure_id)i;
            return true;
        }
    }
    return false;
}
