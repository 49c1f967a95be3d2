/* Dealing the frames of one DICOM series into the volumes that it holds. */
#ifndef TENO_DICOM_BINS_H
#define TENO_DICOM_BINS_H

#include "dicom/group.h"

/* In what two frames can differ that one volume cannot hold; bits. */
enum {
    BY_MATRIX = 1,
    BY_PLANE = 2,
    BY_ECHO = 4,
    BY_TIME = 8,
    BY_TYPE = 16,
    BY_B_VALUE = 32,
    BY_STACK = 64,
    BY_PASS = 128,
};

/* The frames of one future volume. */
typedef struct Bin {
    FrameRef *frames; /* [capacity], n used */
    int n, capacity;
} Bin;

/* The volumes of one series. */
typedef struct Bins {
    Bin *bin; /* [capacity], n used */
    int n, capacity;
    unsigned by; /* all the ways in which any two differ */
} Bins;

/* `frames` [n] of one series, in a fixed order. Caller frees. */
int bins_fill(Bins *out, const FrameRef *frames, int n, Error *error) TENO_CHECKED;
void bins_free(Bins *bins);

#endif
