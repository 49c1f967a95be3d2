/* What cmocka lacks: assertions on doubles, and the headers that it wants before its own. */
#ifndef TENO_TESTS_CHECK_H
#define TENO_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails unless |value - wanted| <= tolerance; NaN fails. */
#define check_near(value, wanted, tolerance) check_near_at((value), (wanted), (tolerance), #value, __FILE__, __LINE__)
void check_near_at(double value, double wanted, double tolerance, const char *what, const char *file, int line);

/* The folder of real data beside the project, or NULL (with a message) where it is absent: then skip(). */
const char *shared_data(const char *sub_folder);

#endif
