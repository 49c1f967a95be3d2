#include "batch/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/text_file.h"

enum { MAX_DEPTH = 32 }; /* of folders; links in a circle end here */

static int hash_bytes(Sha256 *hash, const char *path, Error *error)
{
    unsigned char block[1 << 16];
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(error, TENO_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) sha256_add(hash, block, n);
    bool broken = ferror(file) != 0;
    fclose(file);
    return broken ? error_set(error, TENO_FAILED, "%s: cannot be read to its end", path) : TENO_OK;
}

static void hash_marks(Sha256 *hash, const struct stat *info)
{
    const long long marks[] = {info->st_size,           info->st_ctim.tv_sec, info->st_ctim.tv_nsec,
                               (long long)info->st_ino, info->st_mtim.tv_sec, info->st_mtim.tv_nsec};
    sha256_add(hash, marks, sizeof marks);
}

/* `name` is the path as it counts: below the input, so that a moved folder keeps its content's fingerprint. */
static int hash_path(Sha256 *hash, const char *path, const char *name, bool marks_only, int depth, Error *error)
{
    struct stat info;
    if (stat(path, &info) != 0) return error_set(error, TENO_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode)) {
        sha256_add_text(hash, name);
        if (!S_ISREG(info.st_mode)) return TENO_OK;
        if (!marks_only) return hash_bytes(hash, path, error);
        hash_marks(hash, &info);
        return TENO_OK;
    }
    struct dirent **entries = NULL;
    int n = depth < MAX_DEPTH ? scandir(path, &entries, NULL, alphasort) : 0, code = TENO_OK;
    if (n < 0) return error_set(error, TENO_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *entry = entries[i]->d_name;
        char below[PATH_MAX], below_name[PATH_MAX];
        path_set(below, "%s/%s", path, entry);
        path_set(below_name, "%s/%s", name, entry);
        if (!code && strcmp(entry, ".") != 0 && strcmp(entry, "..") != 0)
            code = hash_path(hash, below, below_name, marks_only, depth + 1, error);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int fingerprint(char hex[SHA256_HEX_SIZE], const char *const *paths, int n_paths, bool marks_only, Error *error)
{
    Sha256 hash;
    unsigned char digest[SHA256_BYTES];
    int code = TENO_OK;
    sha256_init(&hash);
    for (int i = 0; !code && i < n_paths; i++) code = hash_path(&hash, paths[i], "", marks_only, 0, error);
    sha256_finish(&hash, digest);
    sha256_hex(digest, hex);
    return code;
}

int content_fingerprint(char content[SHA256_HEX_SIZE], const char *const *paths, int n_paths, Error *error)
{
    return fingerprint(content, paths, n_paths, false, error);
}

int marks_fingerprint(char marks[SHA256_HEX_SIZE], const char *const *paths, int n_paths, Error *error)
{
    return fingerprint(marks, paths, n_paths, true, error);
}
