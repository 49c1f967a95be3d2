/* Error codes, the error record and notes (warnings). The code is the program's exit status. */
#ifndef TENO_ERROR_H
#define TENO_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TENO_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#define TENO_CHECKED __attribute__((warn_unused_result))
#else
#define TENO_PRINTF(format_index, first_argument)
#define TENO_CHECKED
#endif

enum {
    TENO_OK = 0,
    TENO_FAILED = 1,         /* at run time: I/O, memory, unusable data */
    TENO_USAGE = 2,          /* bad command line or configuration */
    TENO_NO_DICOM = 3,       /* no usable DICOM found */
    TENO_SOME_FAILED = 4,    /* batch: some cases failed */
    TENO_NOT_COMPARABLE = 5, /* compare: this pair cannot be compared */
    TENO_NOT_ASSESSABLE = 6  /* done, but a tendon asked for could not be assessed */
};

/* Passed last by the caller, zero-initialised; the first cause wins. NULL is allowed everywhere. */
typedef struct Error {
    int code;
    char message[1024]; /* «file: what is wrong, value found, value wanted; what to do» */
} Error;

/* Records the first cause and returns `code`, so that a driver can `return error_set(...)`. */
int error_set(Error *error, int code, const char *format, ...) TENO_PRINTF(3, 4);

/* Warnings that go into the report. Owns its strings; zero-initialise; repeats are kept once. */
typedef struct Notes {
    char **text; /* [count] */
    int count, capacity;
} Notes;

void notes_add(Notes *notes, const char *format, ...) TENO_PRINTF(2, 3);
void notes_append(Notes *notes, const Notes *from);
void notes_free(Notes *notes);

#ifdef __cplusplus
}
#endif
#endif
