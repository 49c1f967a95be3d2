/* Words in free text of headers: descriptions, protocol names, options. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "dicom/classify.h"

bool text_has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; *at;) {
        while (*at && !isalnum((unsigned char)*at)) at++;
        const char *start = at;
        while (isalnum((unsigned char)*at)) at++;
        if ((size_t)(at - start) == length && length && strncasecmp(start, word, length) == 0) return true;
    }
    return false;
}
