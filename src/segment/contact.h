/* Below the insertion: across which part of its width the tendon lies on the calcaneus. */
#ifndef TENO_SEGMENT_CONTACT_H
#define TENO_SEGMENT_CONTACT_H

#include "segment/outline.h"
#include "segment/tissue.h"

enum { CONTACT_COLUMNS = 13 };

/* Places across a ring, from one tip of its outline to the other along the long axis, and what lies before each. */
typedef struct Contact {
    double first_mm, pitch_mm;     /* of the columns, from the ring's centre */
    double share[CONTACT_COLUMNS]; /* 1 bone touches, 0 fat lies between */
} Contact;

/* contact[n] for the rings [0, n) of a tube whose outline holds the bone's cortex as well. */
int contacts_measure(Contact *contact, const Tube *tube, int n, const Images *images, Error *error) TENO_CHECKED;

/* Share of bone at a place along the long axis, mm from the centre; beyond the tips as at them. */
double contact_share(const Contact *contact, double along_mm);

#endif
