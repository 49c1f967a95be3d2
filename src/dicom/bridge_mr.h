/* What the writers of MR images share; seen only inside the bridge. */
#ifndef TENO_DICOM_BRIDGE_MR_H
#define TENO_DICOM_BRIDGE_MR_H

#include "dcmtk/config/osconfig.h"

#include <cstdio>
#include <string>

#include "dcmtk/dcmdata/dctk.h"

#include "teno/dicom_write.h"

namespace bridge_mr
{
inline std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    if (std::string(text).size() > 16) std::snprintf(text, sizeof text, "%.8g", value);
    return text;
}

/* The first failure sticks, so that a long list of attributes needs one check. */
struct Put {
    DcmItem *item;
    OFCondition status = EC_Normal;
    void text(const DcmTagKey &tag, const char *value)
    {
        if (status.good()) status = item->putAndInsertString(tag, value ? value : "");
    }
    void text(const DcmTagKey &tag, const std::string &value)
    {
        text(tag, value.c_str());
    }
    void optional(const DcmTagKey &tag, const char *value)
    {
        if (value && *value) text(tag, value);
    }
    void real(const DcmTagKey &tag, double value)
    {
        text(tag, number(value));
    }
    void fd(const DcmTagKey &tag, double value)
    {
        if (status.good()) status = item->putAndInsertFloat64(tag, value);
    }
    void us(const DcmTagKey &tag, int value)
    {
        if (status.good()) status = item->putAndInsertUint16(tag, static_cast<Uint16>(value));
    }
    void ul(const DcmTagKey &tag, unsigned value)
    {
        if (status.good()) status = item->putAndInsertUint32(tag, value);
    }
};

inline std::string vector_text(Vec3 v)
{
    return number(v.x) + "\\" + number(v.y) + "\\" + number(v.z);
}

inline std::string orientation_text(const Grid &g)
{
    return vector_text(g.axis_x) + "\\" + vector_text(g.axis_y);
}

inline std::string spacing_text(const Grid &g)
{
    return number(g.dy) + "\\" + number(g.dx);
}

inline Vec3 slice_position(const Grid &g, int k)
{
    return vec3_along(g.origin_lps, g.axis_z, k * g.dz);
}

void put_common(Put &p, const MrSeriesWrite &s);
void put_pixel_format(Put &p, const MrSeriesWrite &s);
std::string instance_uid(const MrSeriesWrite &s, int k);
OFCondition save(DcmFileFormat &file, Compression compression, const std::string &path);
/* The whole series as one Enhanced MR object, <folder>/IM0001. */
OFCondition write_enhanced(const MrSeriesWrite &s, const std::string &folder);
} // namespace bridge_mr

#endif
