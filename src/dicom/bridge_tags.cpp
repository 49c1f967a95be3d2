// Reading attributes out of a DCMTK data set.
#include "dicom/bridge_tags.h"

#include <charconv>
#include <climits>
#include <cmath>
#include <cstring>

#include "dcmtk/dcmdata/dcistrmb.h"
#include "dcmtk/dcmdata/dcspchrs.h"
#include "dcmtk/ofstd/ofstd.h"

#include "dicom/charset.h"
#include "teno/memory.h"

static E_TransferSyntax xfer_of(const TransferSyntax *syntax)
{
    if (!syntax->explicit_vr) return EXS_LittleEndianImplicit;
    return syntax->big_endian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
}

int dataset_parse(DcmDataset *out, const unsigned char *bytes, size_t size, const TransferSyntax *syntax, Error *error)
{
    DcmInputBufferStream stream;
    stream.setBuffer(bytes, static_cast<offile_off_t>(size));
    stream.setEos();
    out->transferInit();
    OFCondition condition = out->read(stream, xfer_of(syntax));
    out->transferEnd();
    if (condition.bad()) return error_set(error, TENO_FAILED, "DCMTK cannot parse the header: %s", condition.text());
    return TENO_OK;
}

DcmItem *item_of(DcmItem *parent, const DcmTagKey &sequence, unsigned long index)
{
    DcmItem *item = nullptr;
    if (!parent || parent->findAndGetSequenceItem(sequence, item, static_cast<signed long>(index)).bad())
        return nullptr;
    return item;
}

DcmElement *Tags::find(const DcmTagKey &tag) const
{
    DcmElement *element = nullptr;
    for (int i = n_items_ - 1; i >= 0; i--)
        if (items_[i]->findAndGetElement(tag, element).good() && element->getLength() > 0) return element;
    if (dataset_->findAndGetElement(tag, element).good() && element->getLength() > 0) return element;
    for (int i = n_last_ - 1; i >= 0; i--)
        if (last_[i]->findAndGetElement(tag, element).good() && element->getLength() > 0) return element;
    return nullptr;
}

DcmItem *Tags::item(const DcmTagKey &sequence, unsigned long index) const
{
    for (int i = n_items_ - 1; i >= 0; i--)
        if (DcmItem *found = item_of(items_[i], sequence, index)) return found;
    return item_of(dataset_, sequence, index);
}

static OFString element_text(DcmElement *element)
{
    OFString value;
    if (!element || element->getLength() > 4096 || element->getOFStringArray(value).bad()) return OFString();
    while (!value.empty() && (value[value.size() - 1] == ' ' || value[value.size() - 1] == '\0'))
        value.erase(value.size() - 1);
    return value;
}

// Control characters would break tables and JSON alike.
static void text_set(char *out, size_t size, OFString &value)
{
    for (size_t i = 0; i < value.size(); i++)
        if (static_cast<unsigned char>(value[i]) < 0x20 || value[i] == 0x7F) value[i] = ' ';
    string_set(out, size, value.c_str());
}

void Tags::text(char *out, size_t size, const DcmTagKey &tag) const
{
    OFString value = element_text(find(tag));
    for (size_t i = 0; i < value.size(); i++)
        if (static_cast<unsigned char>(value[i]) > 0x7E) value[i] = '?'; // these attributes are ASCII by definition
    text_set(out, size, value);
}

static bool is_utf8(const OFString &text)
{
    for (size_t i = 0; i < text.size(); i++) {
        const unsigned char c = static_cast<unsigned char>(text[i]);
        const size_t more = c < 0x80                          ? 0
                            : (c & 0xE0) == 0xC0 && c >= 0xC2 ? 1
                            : (c & 0xF0) == 0xE0              ? 2
                            : (c & 0xF8) == 0xF0 && c <= 0xF4 ? 3
                                                              : SIZE_MAX;
        if (more == SIZE_MAX || i + more >= text.size() + (more == 0)) return false;
        const unsigned char next = more ? static_cast<unsigned char>(text[i + 1]) : 0;
        if ((c == 0xE0 && next < 0xA0) || (c == 0xF0 && next < 0x90)) return false; // longer than need be
        if ((c == 0xED && next > 0x9F) || (c == 0xF4 && next > 0x8F)) return false; // half a pair; past the last one
        for (size_t k = 1; k <= more; k++)
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        i += more;
    }
    return true;
}

void Tags::text_utf8(char *out, size_t size, const DcmTagKey &tag) const
{
    OFString value = element_text(find(tag));
    bool plain = true;
    for (size_t i = 0; i < value.size(); i++)
        plain = plain && static_cast<unsigned char>(value[i]) < 0x80 && value[i] != '\033';
    if (!plain) {
        OFString charset, converted;
        dataset_->findAndGetOFStringArray(DCM_SpecificCharacterSet, charset);
        DcmSpecificCharacterSet converter;
        if (!charset.empty() && converter.selectCharacterSet(charset).good() &&
            converter.convertString(value, converted, tag == DCM_PatientName ? "\\^=" : "\\").good())
            value = converted;
        else if (char japanese[1024]; japanese_to_utf8(japanese, sizeof japanese, value.c_str()))
            value = japanese;
        else if (!is_utf8(value) && converter.selectCharacterSet("ISO_IR 100").good() &&
                 converter.convertString(value, converted).good())
            value = converted; // undeclared 8-bit text: Latin-1 shows something, and UTF-8 stays valid
        if (!is_utf8(value))
            for (size_t i = 0; i < value.size(); i++)
                if (static_cast<unsigned char>(value[i]) > 0x7E) value[i] = '?';
    }
    text_set(out, size, value);
}

// A whole decimal string, independent of the locale; spaces around it are padding.
static bool decimal_parse(const char *text, double *out)
{
    while (*text == ' ') text++;
    if (*text == '+') text++;
    const char *end = text + strlen(text);
    while (end > text && end[-1] == ' ') end--;
    const auto [stop, problem] = std::from_chars(text, end, *out);
    return problem == std::errc() && stop == end;
}

static bool element_number(DcmElement *element, unsigned long position, double *out)
{
    if (!element) return false;
    double value = 0;
    if (element->ident() == EVR_DS || element->ident() == EVR_IS) {
        OFString text;
        if (element->getOFString(text, position).bad()) return false;
        if (!decimal_parse(text.c_str(), &value)) return false;
    } else if (element->getFloat64(value, position).bad()) {
        Uint16 u16 = 0;
        Sint16 s16 = 0;
        Uint32 u32 = 0;
        Sint32 s32 = 0;
        Float32 f32 = 0;
        if (element->getUint16(u16, position).good())
            value = u16;
        else if (element->getSint16(s16, position).good())
            value = s16;
        else if (element->getUint32(u32, position).good())
            value = u32;
        else if (element->getSint32(s32, position).good())
            value = s32;
        else if (element->getFloat32(f32, position).good())
            value = static_cast<double>(f32);
        else
            return false;
    }
    if (!std::isfinite(value)) return false;
    *out = value;
    return true;
}

bool Tags::number(double *out, const DcmTagKey &tag, unsigned long position) const
{
    return element_number(find(tag), position, out);
}

bool Tags::numbers(double *out, int count, const DcmTagKey &tag) const
{
    double values[16];
    DcmElement *element = find(tag);
    if (!element || count > 16) return false;
    for (int i = 0; i < count; i++)
        if (!element_number(element, static_cast<unsigned long>(i), &values[i])) return false;
    for (int i = 0; i < count; i++) out[i] = values[i];
    return true;
}

bool Tags::integer(int *out, const DcmTagKey &tag) const
{
    double value = 0;
    if (!number(&value, tag) || value < INT_MIN || value > INT_MAX || value != std::floor(value)) return false;
    *out = static_cast<int>(value);
    return true;
}
