/*
 * The result folder. Everything is written into a sibling «.NAME.partial-XXXXXX» and renamed when complete. Where an
 * older result has the final name, the two folders are exchanged in one system call (renameat2, RENAME_EXCHANGE), so
 * that a reader, or a kill at any moment, finds either the old result or the new one, whole. Partial folders of runs
 * that were killed are recognised by their lock, which the kernel released, and are swept by the next run.
 */
#define _GNU_SOURCE /* renameat2 */
#include "output/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "teno/memory.h"

char *path_join(const char *folder, const char *name, Error *error)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = array_alloc(size, 1, error);
    if (path) snprintf(path, size, "%s/%s", folder, name);
    return path;
}

int folder_make(const char *folder, const char *name, Error *error)
{
    char *path = path_join(folder, name, error);
    if (!path) return TENO_FAILED;
    int code = TENO_OK;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        code = error_set(error, TENO_FAILED, "%s: cannot make the folder: %s", path, strerror(errno));
    free(path);
    return code;
}

int file_write(const char *folder, const char *name, const void *bytes, size_t size, Error *error)
{
    char *path = path_join(folder, name, error);
    if (!path) return TENO_FAILED;
    int code = TENO_OK;
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(bytes, 1, size, file) == size;
    if (file && fclose(file) != 0) written = false;
    if (!written) code = error_set(error, TENO_FAILED, "%s: cannot write: %s", path, strerror(errno));
    free(path);
    return code;
}

/* Removes a folder and all below it; links are removed, not followed. What cannot be removed stays. */
static void remove_tree(int parent, const char *name)
{
    int at = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = at >= 0 ? fdopendir(at) : NULL;
    if (folder) {
        for (struct dirent *entry; (entry = readdir(folder));) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            if (unlinkat(at, entry->d_name, 0) != 0) remove_tree(at, entry->d_name);
        }
        closedir(folder);
    } else if (at >= 0) {
        close(at);
    }
    unlinkat(parent, name, AT_REMOVEDIR);
}

static bool has_marker(const char *out)
{
    char line[sizeof FOLDER_MARKER] = "";
    char *path = path_join(out, "log.txt", NULL);
    FILE *file = path ? fopen(path, "rb") : NULL;
    if (file) {
        if (!fgets(line, sizeof line, file)) line[0] = 0;
        fclose(file);
    }
    free(path);
    return strcmp(line, FOLDER_MARKER) == 0;
}

static bool is_empty(const char *out)
{
    DIR *folder = opendir(out);
    if (!folder) return false;
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) empty = false;
    closedir(folder);
    return empty;
}

static int check_replaceable(const char *out, Error *error)
{
    struct stat info;
    if (stat(out, &info) != 0) return TENO_OK;
    if (!S_ISDIR(info.st_mode))
        return error_set(error, TENO_USAGE, "%s: is a file, a folder is wanted for the results; choose another name",
                         out);
    if (is_empty(out) || has_marker(out)) return TENO_OK;
    return error_set(
        error, TENO_USAGE,
        "%s: holds files that are not a result of teno and would be lost; choose another or an empty folder", out);
}

/* Makes every missing folder above `path`. */
static int make_parents(const char *path, Error *error)
{
    char *part = string_copy(path, error);
    if (!part) return TENO_FAILED;
    int code = TENO_OK;
    for (char *slash = strchr(part + 1, '/'); slash && code == TENO_OK; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            code = error_set(error, TENO_FAILED, "%s: cannot make the folder: %s", part, strerror(errno));
        *slash = '/';
    }
    free(part);
    return code;
}

/* `out` as an absolute path without trailing slashes; links to existing folders are resolved. Caller frees. */
static char *absolute_path(const char *out, Error *error)
{
    char *real = realpath(out, NULL);
    if (real) return real;
    char *text = string_copy(out, error);
    if (!text) return NULL;
    for (size_t n = strlen(text); n > 1 && text[n - 1] == '/'; n--) text[n - 1] = 0;
    if (text[0] == '/') return text;
    char *here = realpath(".", NULL), *path = NULL;
    if (here)
        path = path_join(here, text, error);
    else
        error_set(error, TENO_FAILED, "%s: the working folder cannot be found: %s", out, strerror(errno));
    free(here);
    free(text);
    return path;
}

/* Splits an absolute path: returns its last part, `parent` its folder with the slash (owned by the caller). */
static const char *split(const char *path, char **parent, Error *error)
{
    const char *name = strrchr(path, '/') + 1;
    *parent = string_copy(path, error);
    if (*parent) (*parent)[name - path] = 0;
    return name;
}

/* «…/.NAME.previous» of an absolute path. Caller frees. */
static char *previous_name(const char *path, Error *error)
{
    size_t size = strlen(path) + 16, folder = (size_t)(strrchr(path, '/') + 1 - path);
    char *previous = array_alloc(size, 1, error);
    if (previous) snprintf(previous, size, "%.*s.%s.previous", (int)folder, path, path + folder);
    return previous;
}

/* Puts back an old result that a kill in replace_in_two_steps left under its previous name. */
static void restore_previous(const char *path)
{
    char *previous = previous_name(path, NULL);
    if (previous && access(path, F_OK) != 0 && access(previous, F_OK) == 0 && rename(previous, path) != 0) errno = 0;
    free(previous);
}

/* Removes partial folders that nobody has locked: their runs were killed. */
static void sweep_partials(const char *parent, const char *prefix)
{
    DIR *folder = opendir(parent);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        int at = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (at < 0) continue;
        if (flock(at, LOCK_EX | LOCK_NB) == 0) remove_tree(dirfd(folder), entry->d_name);
        close(at);
    }
    closedir(folder);
}

int folder_begin(OutFolder *folder, const char *out, Error *error)
{
    char *parent = NULL, *prefix = NULL;
    int code = TENO_FAILED;
    folder->lock = -1;
    if (!(folder->final = absolute_path(out, error))) goto done;
    const char *name = split(folder->final, &parent, error);
    if (!parent) goto done;
    if (!*name) {
        code = error_set(error, TENO_USAGE, "%s: is not a name for a result folder", out);
        goto done;
    }
    restore_previous(folder->final);
    if ((code = check_replaceable(folder->final, error)) || (code = make_parents(folder->final, error))) goto done;
    code = TENO_FAILED;
    size_t size = strlen(name) + 32;
    if (!(prefix = array_alloc(size, 1, error))) goto done;
    snprintf(prefix, size, ".%s.partial-", name);
    sweep_partials(parent, prefix);
    snprintf(prefix, size, ".%s.partial-XXXXXX", name);
    if (!(folder->temporary = path_join(parent, prefix, error))) goto done;
    /* mkdtemp makes it private; the result gets the usual permissions. */
    mode_t mask = umask(0);
    umask(mask);
    if (!mkdtemp(folder->temporary) || chmod(folder->temporary, 0777 & ~mask) != 0 ||
        (folder->lock = open(folder->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
        flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        code = error_set(error, TENO_FAILED, "%s: cannot write there: %s", folder->final, strerror(errno));
        goto done;
    }
    code = TENO_OK;
done:
    free(parent);
    free(prefix);
    return code;
}

/* For file systems without the exchange. A kill between the two renames leaves the old result under its previous name;
 * the next run puts it back. */
static int replace_in_two_steps(OutFolder *folder, Error *error)
{
    char *previous = previous_name(folder->final, error);
    if (!previous) return TENO_FAILED;
    int code = TENO_OK;
    if (rename(folder->final, previous) != 0 || rename(folder->temporary, folder->final) != 0) {
        code = error_set(error, TENO_FAILED, "%s: cannot replace the older result: %s", folder->final, strerror(errno));
        if (access(folder->final, F_OK) != 0 && rename(previous, folder->final) != 0)
            code = error_set(error, TENO_FAILED, "%s: the older result is kept there", previous);
    } else {
        remove_tree(AT_FDCWD, previous);
    }
    free(previous);
    return code;
}

int folder_commit(OutFolder *folder, Error *error)
{
    int code = check_replaceable(folder->final, error); /* somebody may have put files there meanwhile */
    if (code) return code;
    if (rename(folder->temporary, folder->final) == 0) { /* no such folder yet, or an empty one */
        free(folder->temporary);
        folder->temporary = NULL;
        folder_discard(folder);
        return TENO_OK;
    }
    /* After the exchange the old result bears the temporary name, and discarding removes it. */
    if (renameat2(AT_FDCWD, folder->temporary, AT_FDCWD, folder->final, RENAME_EXCHANGE) != 0 &&
        (code = replace_in_two_steps(folder, error)) != TENO_OK)
        return code;
    folder_discard(folder);
    return TENO_OK;
}

void folder_discard(OutFolder *folder)
{
    if (folder->temporary) remove_tree(AT_FDCWD, folder->temporary);
    if (folder->final && folder->lock >= 0) close(folder->lock);
    free(folder->temporary);
    free(folder->final);
    *folder = (OutFolder){.lock = -1};
}
