#include "teno/markups.h"

#include <stdlib.h>

int markups_read(Markups *out, const char *path, Error *error) {
    *out = (Markups){0};
    return error_set(error, TENO_FAILED, "%s: markups cannot be read yet", path);
}

void markups_free(Markups *markups) {
    free(markups->seeds);
    free(markups->excluded);
    *markups = (Markups){0};
}
