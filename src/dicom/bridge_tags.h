// Reading attributes out of a DCMTK data set: one place for what DCMTK's accessors get wrong or leave to the caller.
#ifndef TENO_DICOM_BRIDGE_TAGS_H
#define TENO_DICOM_BRIDGE_TAGS_H

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom.h"

// Where attributes of a frame are looked up, nearest first: its own functional groups, the shared ones, the data set,
// and last what vendors nest in private groups.
class Tags
{
  public:
    explicit Tags(DcmItem *dataset) : dataset_(dataset)
    {
    }
    // Adds one functional group as a place that goes before those added so far.
    void prepend(DcmItem *item)
    {
        if (item && n_items_ < max_items) items_[n_items_++] = item;
    }

    // Adds a place that goes after all others, but before those added so.
    void append(DcmItem *item)
    {
        if (item && n_last_ < max_items) last_[n_last_++] = item;
    }

    DcmElement *find(const DcmTagKey &tag) const;
    void text(char *out, size_t size, const DcmTagKey &tag) const; // all values, joined by backslashes; "" if absent
    void text_utf8(char *out, size_t size, const DcmTagKey &tag) const; // converted from the data set's character set
    bool number(double *out, const DcmTagKey &tag, unsigned long position = 0) const; // finite, or untouched and false
    bool numbers(double *out, int count, const DcmTagKey &tag) const; // all of them, or untouched and false
    bool integer(int *out, const DcmTagKey &tag) const;
    DcmItem *item(const DcmTagKey &sequence, unsigned long index = 0) const; // of a sequence; null if absent

  private:
    static constexpr int max_items = 40;
    DcmItem *dataset_;
    DcmItem *items_[max_items], *last_[max_items];
    int n_items_ = 0, n_last_ = 0;
};

// Parses a data set up to Pixel Data whose element structure layout_scan has checked.
int dataset_parse(DcmDataset *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax, Error *error);

DcmItem *item_of(DcmItem *parent, const DcmTagKey &sequence, unsigned long index); // null if absent

#endif
