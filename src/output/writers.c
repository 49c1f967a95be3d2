/* The kinds of files a result can be written as: one row each. A new kind is one file and one row here. */
#include "teno/output.h"

#include <stddef.h>

const Writer writer_table[] = {
    {NULL, false, NULL, NULL},
};
const int writer_count = (int)(sizeof writer_table / sizeof *writer_table) - 1;

int analysis_write(const Analysis *analysis, const char *out, const char *kinds, Error *error)
{
    (void)analysis, (void)kinds;
    return error_set(error, TENO_FAILED, "%s: writing results is not possible yet", out);
}

int comparison_write(const Comparison *comparison, const char *out, const char *kinds, Error *error)
{
    (void)comparison, (void)kinds;
    return error_set(error, TENO_FAILED, "%s: writing results is not possible yet", out);
}
