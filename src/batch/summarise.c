#include "batch/summary.h"

int batch_summarise(const char *out, Error *error)
{
    Table cohort = {0};
    int code = cohort_table_read(&cohort, out, error);
    if (!code) code = tables_write(out, &cohort, error);
    if (!code) code = bids_write(out, &cohort, error);
    if (!code) code = index_page_write(out, &cohort, error);
    table_free(&cohort);
    return code;
}
