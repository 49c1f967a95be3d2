/* mutate_dicom FOLDER COUNT SEED: damages the files of a folder in COUNT seeded ways and reads each result as the
 * product does. Reading a header must never crash or hang; decoding pixels may, because it happens in a helper process,
 * and then only that image is lost. COUNT 0 reads every file once as it is. Ends with 1 if a header crashed, anything
 * took over its time, or memory passed 1 GB. */
#define _GNU_SOURCE /* memfd_create */
#include <dirent.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dicom/helper.h"
#include "dicom/pixels.h"
#include "teno/memory.h"
#include "teno/random.h"

enum { MAX_SEEDS = 512, MAX_BYTES = 4 << 20, BATCH = 2000 };
enum { READING_HEADER = 1, DECODING = 2, REFUSED = 3, DECODED = 4, NOT_DECODED = 5 };

typedef struct Seeds {
    unsigned char *bytes[MAX_SEEDS];
    size_t size[MAX_SEEDS];
    int n;
    bool as_they_are;
    uint64_t seed, first; /* of the random numbers; number of the batch's first mutant */
    char *stage;          /* [BATCH], shared */
} Seeds;

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void seeds_read(Seeds *out, const char *folder)
{
    char *names[MAX_SEEDS];
    int n = 0;
    DIR *directory = opendir(folder);
    if (!directory) return;
    for (struct dirent *entry; n < MAX_SEEDS && (entry = readdir(directory));)
        if (entry->d_name[0] != '.') names[n++] = strdup(entry->d_name);
    closedir(directory);
    qsort(names, (size_t)n, sizeof *names, name_compare);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        FILE *file = fopen(path, "rb");
        unsigned char *bytes = malloc(MAX_BYTES);
        size_t size = file && bytes ? fread(bytes, 1, MAX_BYTES, file) : 0;
        unsigned char *shrunk = realloc(bytes, size + 1);
        out->bytes[out->n] = shrunk ? shrunk : bytes;
        out->size[out->n++] = size;
        if (file) fclose(file);
        free(names[i]);
    }
}

/* A number below n. */
static size_t pick(const Seeds *s, uint64_t mutant, int *draw, size_t n)
{
    return n ? (size_t)(random_bits(s->seed + mutant, (uint64_t)(*draw)++) % n) : 0;
}

/* One damage: bits, bytes, lengths, holes, copies, ends, and parts of another file. */
static void damage(unsigned char *b, size_t *size, const Seeds *s, uint64_t mutant, int *draw)
{
    static const uint32_t extremes[] = {0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF};
    size_t at = pick(s, mutant, draw, *size), left = *size - at;
    size_t length = 1 + pick(s, mutant, draw, left < 64 ? left : 64);
    if (length > left) length = left;
    switch (pick(s, mutant, draw, 8)) {
    case 0:
        if (left) b[at] ^= (unsigned char)(1U << pick(s, mutant, draw, 8));
        break;
    case 1:
        if (left) b[at] = (unsigned char)pick(s, mutant, draw, 256);
        break;
    case 2:
        if (left >= 4) memcpy(b + at, &extremes[pick(s, mutant, draw, 10)], 4);
        break;
    case 3:
        if (left >= 2) memcpy(b + at, &extremes[pick(s, mutant, draw, 10)], 2);
        break;
    case 4:
        memmove(b + at, b + at + length, left - length);
        *size -= length;
        break;
    case 5:
        if (*size + length <= MAX_BYTES) {
            memmove(b + at + length, b + at, left);
            *size += length;
        }
        break;
    case 6:
        *size = at;
        break;
    default: {
        int other = (int)pick(s, mutant, draw, (size_t)s->n);
        size_t from = pick(s, mutant, draw, s->size[other]), n = s->size[other] - from;
        if (n > left) n = left;
        memcpy(b + at, s->bytes[other] + from, n < length ? n : length);
    }
    }
}

static int mutant_read(void *context, int i, Error *error)
{
    Seeds *s = context;
    uint64_t mutant = s->first + (uint64_t)i;
    int draw = 0, source = s->as_they_are ? (int)mutant : (int)pick(s, mutant, &draw, (size_t)s->n);
    size_t size = s->size[source], n_damages = s->as_they_are ? 0 : 1 + pick(s, mutant, &draw, 6);
    unsigned char *bytes = malloc(MAX_BYTES);
    char path[64];
    DicomFile file;
    if (!bytes) return error_set(error, TENO_FAILED, "no memory");
    memcpy(bytes, s->bytes[source], size);
    for (size_t k = 0; k < n_damages && size > 0; k++) damage(bytes, &size, s, mutant, &draw);
    int descriptor = memfd_create("mutant", 0);
    if (descriptor < 0 || write(descriptor, bytes, size) != (ssize_t)size)
        return error_set(error, TENO_FAILED, "no file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    s->stage[i] = READING_HEADER;
    Error why = {0};
    if (dicom_file_read(&file, path, &why)) {
        s->stage[i] = REFUSED;
    } else {
        s->stage[i] = DECODING;
        int code = TENO_OK;
        for (int f = 0; f < file.n_frames && f < 3 && !code; f++) {
            const DicomPixels *p = &file.frames[f].pixels;
            float *values = array_alloc((size_t)p->rows * (size_t)p->columns, sizeof *values, &why);
            code = values ? frame_load(values, path, p, f, &why) : TENO_FAILED;
            free(values);
        }
        s->stage[i] = code ? NOT_DECODED : DECODED;
        dicom_file_free(&file);
    }
    close(descriptor);
    free(bytes);
    return TENO_OK;
}

int main(int argc, char **argv)
{
    static Seeds seeds;
    static Error results[BATCH];
    Error error = {0};
    if (argc != 4) return 2;
    seeds_read(&seeds, argv[1]);
    long count = strtol(argv[2], NULL, 10), tally[6] = {0}, contained = 0, failed = 0;
    seeds.as_they_are = count == 0;
    if (seeds.as_they_are) count = seeds.n;
    seeds.seed = random_seed(strtoull(argv[3], NULL, 10), "mutate");
    seeds.stage = helper_memory(BATCH, &error);
    if (!seeds.n || !seeds.stage || dicom_start(&error)) return 2;
    for (long done = 0; done < count; done += BATCH) {
        int n = count - done < BATCH ? (int)(count - done) : BATCH;
        seeds.first = (uint64_t)done;
        memset(seeds.stage, 0, BATCH);
        if (helper_run(mutant_read, &seeds, n, omp_get_max_threads(), results, &error)) return 2;
        for (int i = 0; i < n; i++) {
            int stage = seeds.stage[i];
            tally[stage]++;
            if (results[i].code && stage == DECODING) contained++;
            if (!results[i].code || (stage == DECODING && !strstr(results[i].message, "longer"))) continue;
            fprintf(stderr, "mutant %ld, stage %d: %s\n", done + i, stage, results[i].message);
            failed++;
        }
    }
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf(
        "%ld mutants: %ld refused, %ld read and decoded, %ld not decoded, %ld decoder crashes contained, %ld failures; "
        "at most %ld MB\n",
        count, tally[REFUSED], tally[DECODED], tally[NOT_DECODED], contained, failed, usage.ru_maxrss >> 10);
    return failed > 0 || usage.ru_maxrss > 1 << 20;
}
