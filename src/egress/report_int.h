/* egress/report_int.h — shared by the doors that answer with a buffer. Inside the room only. */
#ifndef UT_EGRESS_REPORT_INT_H
#define UT_EGRESS_REPORT_INT_H

#include "undertone/report.h"

#include "base/base.h"

ut_status ut_buffer_of(ut_buffer **ret, const ut_buf *buf, ut_err *err);

#endif
