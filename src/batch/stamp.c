#include "batch/stamp.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "batch/text_file.h"
#include "teno/memory.h"

bool stamp_finished(const Stamp *stamp)
{
    return stamp->status == TENO_OK || stamp->status == TENO_NOT_ASSESSABLE || stamp->status == TENO_NOT_COMPARABLE;
}

const char *stamp_outcome(const Stamp *stamp)
{
    switch (stamp->status) {
    case TENO_OK:
        return "done";
    case TENO_NOT_ASSESSABLE:
        return "not_assessable";
    case TENO_NOT_COMPARABLE:
        return "not_comparable";
    default:
        return "failed";
    }
}

static void text_get(char *out, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    string_set(out, size, text ? text : "");
}

bool stamp_read(Stamp *stamp, const char *path)
{
    *stamp = (Stamp){0};
    json_t *object = json_load_file(path, 0, NULL);
    const json_t *status = json_object_get(object, "status");
    bool known = json_is_integer(status);
    stamp->status = (int)json_integer_value(status);
    text_get(stamp->inputs, sizeof stamp->inputs, object, "inputs");
    text_get(stamp->marks, sizeof stamp->marks, object, "marks");
    text_get(stamp->options, sizeof stamp->options, object, "options");
    text_get(stamp->message, sizeof stamp->message, object, "message");
    json_decref(object);
    return known;
}

int stamp_write(const Stamp *stamp, const char *path, Error *error)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:i}", "outcome", stamp_outcome(stamp), "inputs", stamp->inputs,
                               "marks", stamp->marks, "options", stamp->options, "status", stamp->status);
    /* A message cut inside a character is no UTF-8, and then no JSON text: leave it out rather than fail. */
    if (object) json_object_set_new(object, "message", json_string(stamp->message));
    char *dumped = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (!dumped) return error_set(error, TENO_FAILED, "%s: no memory for it", path);
    Text text = {0};
    text_add_bytes(&text, dumped, strlen(dumped));
    text_add(&text, "\n");
    free(dumped);
    int code = text_file_replace(path, &text, error);
    text_free(&text);
    return code;
}
