/* Japanese text, which DCMTK on glibc's iconv cannot convert. */
#ifndef TENO_DICOM_CHARSET_H
#define TENO_DICOM_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text with ISO 2022 escapes to JIS X 0201, 0208 or 0212 (defined terms ISO 2022 IR 13, 87, 159; PS3.3 C.12.1.1.2) to
 * UTF-8; false when it holds something else. */
bool japanese_to_utf8(char *out, size_t size, const char *text);

#ifdef __cplusplus
}
#endif
#endif
