/* base/assert.h — a bug is not an error: our own invariants abort, in release builds too. */
#ifndef UT_BASE_ASSERT_H
#define UT_BASE_ASSERT_H

/* Prints the condition and its place on stderr, then aborts. */
_Noreturn void ut_assert_failed(const char *condition, const char *file, int line);

#define UT_ASSERT(condition) ((condition) ? (void)0 : ut_assert_failed(#condition, __FILE__, __LINE__))

#endif
