/* Runs a fuzz target over files and folders of files: how ctest replays the corpus without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int file_replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    enum { MAX_BYTES = 8 << 20 };
    uint8_t *bytes = malloc(MAX_BYTES);
    size_t size = bytes ? fread(bytes, 1, MAX_BYTES, file) : 0;
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 1;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            n += file_replay(argv[i]);
            continue;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (entry->d_name[0] != '.') n += file_replay(path);
        }
        closedir(folder);
    }
    printf("%d inputs\n", n);
    return n == 0;
}
