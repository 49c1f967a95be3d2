/*
 * Where a study was read from, written so that `teno compare` finds it again but a report can be shared: a folder that
 * is named after the patient would otherwise carry the name into report.json. Such a part of the path is replaced by
 * "#" and 16 hex digits of its SHA-256; whoever has the folder finds the part that has this hash. It hides as much as
 * the pseudonym does: not from somebody who already knows the names to try.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/source.h"
#include "teno/hash.h"
#include "teno/memory.h"

enum { TAG_SIZE = 18 }; /* '#', 16 hex digits, terminator */

static void part_tag(char tag[TAG_SIZE], const char *part)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];
    sha256_init(&hash);
    sha256_add_text(&hash, part);
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
    snprintf(tag, TAG_SIZE, "#%.16s", hex);
}

static bool holds(const char *part, const char *word, size_t length)
{
    for (; strlen(part) >= length; part++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)part[i]) == tolower((unsigned char)word[i])) i++;
        if (i == length) return true;
    }
    return false;
}

/* A word of the patient's id or name of at least two letters; shorter ones are in every path. */
static bool part_identifies(const char *part, const Study *study)
{
    static const char separators[] = "^= ,";
    const char *const texts[] = {study->patient_id, study->patient_name};
    for (int i = 0; i < 2; i++)
        for (const char *word = texts[i]; *word;) {
            size_t length = strcspn(word, separators);
            if (length >= 2 && holds(part, word, length)) return true;
            word += length;
            word += strspn(word, separators);
        }
    return false;
}

/* Appends "/part" to a path of bounded length; too long is cut, and then not found again. */
static void path_append(char path[PATH_MAX], const char *part)
{
    size_t used = strlen(path);
    snprintf(path + used, PATH_MAX - used, "/%s", part);
}

/* The next part between slashes; moves *path behind it. False at the end. */
static bool path_next(const char **path, char part[NAME_MAX + 1])
{
    *path += strspn(*path, "/");
    size_t length = strcspn(*path, "/");
    if (length == 0) return false;
    snprintf(part, NAME_MAX + 1, "%.*s", (int)length, *path);
    *path += length;
    return true;
}

int source_record(TextList *out, const TextList *inputs, const Study *study, bool identify, Error *error)
{
    *out = (TextList){0};
    out->text = array_alloc((size_t)inputs->count + 1, sizeof *out->text, error);
    if (!out->text) return TENO_FAILED;
    for (int i = 0; i < inputs->count; i++) {
        char whole[PATH_MAX], recorded[PATH_MAX] = "", part[NAME_MAX + 1], tag[TAG_SIZE];
        if (!realpath(inputs->text[i], whole)) return error_set(error, TENO_FAILED, "%s: vanished", inputs->text[i]);
        for (const char *rest = whole; path_next(&rest, part);) {
            bool hide = !identify && part_identifies(part, study);
            if (hide) part_tag(tag, part);
            path_append(recorded, hide ? tag : part);
        }
        char *copy = string_copy(recorded, error);
        if (!copy) return TENO_FAILED;
        out->text[out->count++] = copy;
    }
    return TENO_OK;
}

/* The entry of a folder whose hash is `tag`, into `part`. */
static bool part_find(char part[NAME_MAX + 1], const char *folder, const char *tag)
{
    DIR *stream = opendir(*folder ? folder : "/");
    bool found = false;
    for (struct dirent *entry; stream && !found && (entry = readdir(stream));) {
        char other[TAG_SIZE];
        part_tag(other, entry->d_name);
        found = strcmp(other, tag) == 0;
        if (found) snprintf(part, NAME_MAX + 1, "%s", entry->d_name);
    }
    if (stream) closedir(stream);
    return found;
}

int source_resolve(char **out, const char *recorded, const char *report_path, Error *error)
{
    char path[PATH_MAX] = "", part[NAME_MAX + 1];
    for (const char *rest = recorded; path_next(&rest, part);) {
        char found[NAME_MAX + 1];
        bool hidden = part[0] == '#' && strlen(part) == TAG_SIZE - 1;
        path_append(path, hidden && part_find(found, path, part) ? found : part);
    }
    if (access(path, R_OK) != 0)
        return error_set(error, TENO_FAILED,
                         "%s: the images that it was made from are no longer at %s; give the folder of the DICOM files "
                         "instead, or bring them back",
                         report_path, path);
    *out = string_copy(path, error);
    return *out ? TENO_OK : TENO_FAILED;
}

void source_free(TextList *texts)
{
    for (int i = 0; i < texts->count; i++) free((char *)texts->text[i]);
    free(texts->text);
    *texts = (TextList){0};
}
