#include "dicom/charset.h"

#include <iconv.h>
#include <string.h>

bool japanese_to_utf8(char *out, size_t size, const char *text)
{
    iconv_t converter = iconv_open("UTF-8", "ISO-2022-JP-3");
    if (converter == (iconv_t)-1) return false;
    char *in = (char *)(size_t)text, *at = out; /* iconv takes it non-const but does not write */
    size_t in_left = strlen(text), out_left = size - 1;
    bool converted = iconv(converter, &in, &in_left, &at, &out_left) != (size_t)-1 && in_left == 0;
    iconv_close(converter);
    *at = '\0';
    return converted;
}
