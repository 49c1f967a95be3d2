#include "batch/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "teno/memory.h"

void path_set(char path[PATH_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(path, PATH_MAX, format, arguments) >= PATH_MAX) path[0] = '\0';
    va_end(arguments);
}

int text_file_read(char **out, const char *path, Error *error)
{
    enum { MAX_BYTES = 1 << 30 };
    struct stat info;
    *out = NULL;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > MAX_BYTES) {
        int cause = file ? EINVAL : errno;
        if (file) fclose(file);
        return error_set(error, TENO_USAGE, "%s: not readable as a text file: %s", path, strerror(cause));
    }
    size_t size = (size_t)info.st_size;
    *out = array_alloc(size + 1, 1, error);
    size_t got = *out ? fread(*out, 1, size, file) : 0;
    fclose(file);
    if (!*out) return TENO_FAILED;
    (*out)[got] = '\0';
    return TENO_OK;
}

/* One name a file, under the kernel's lock: what a killed writer left is written over, and two writers take turns. */
int partial_open(FILE **out, char partial[PATH_MAX], const char *path, Error *error)
{
    *out = NULL;
    path_set(partial, "%s.partial", path);
    for (;;) {
        struct stat held, named;
        int at = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        bool locked = at >= 0 && flock(at, LOCK_EX) == 0;
        if (locked && (fstat(at, &held) != 0 || stat(partial, &named) != 0 || held.st_ino != named.st_ino)) {
            close(at); /* the other writer has given it its name meanwhile */
            continue;
        }
        *out = locked && ftruncate(at, 0) == 0 ? fdopen(at, "wb") : NULL;
        if (*out) return TENO_OK;
        int cause = errno;
        if (at >= 0) close(at);
        return error_set(error, TENO_FAILED, "%s: cannot write: %s", path, strerror(cause));
    }
}

int partial_close(FILE *file, const char *partial, const char *path, int code, Error *error)
{
    int lock = dup(fileno(file)); /* holds until the file has its name */
    bool written = lock >= 0 && !ferror(file);
    if (fclose(file) != 0) written = false;
    bool named = !code && written && rename(partial, path) == 0;
    int cause = errno;
    if (!named) unlink(partial);
    if (lock >= 0) close(lock);
    if (named || code) return code;
    return error_set(error, TENO_FAILED, "%s: cannot write: %s", path, strerror(cause));
}

int text_file_replace(const char *path, const Text *text, Error *error)
{
    char partial[PATH_MAX];
    FILE *file;
    if (text->failed) return error_set(error, TENO_FAILED, "%s: no memory for its text", path);
    int code = partial_open(&file, partial, path, error);
    if (code) return code;
    if (text->length > 0)
        fwrite(text->data, 1, text->length, file); /* a failure stays with the file until it is closed */
    return partial_close(file, partial, path, TENO_OK, error);
}

int folders_make(const char *path, Error *error)
{
    char part[PATH_MAX];
    path_set(part, "%s", path);
    for (char *slash = part + 1;; slash++) {
        slash += strcspn(slash, "/");
        char kept = *slash;
        *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(error, TENO_FAILED, "%s: cannot make the folder: %s", part, strerror(errno));
        if (!kept) return TENO_OK;
        *slash = kept;
    }
}
