/* JPEG 2000 and High-Throughput JPEG 2000 by OpenJPEG, which DCMTK 3.6.7 lacks. The only file that sees OpenJPEG. */
#include <openjpeg.h>
#include <stdint.h>
#include <string.h>

#include "dicom/fragments.h"

/* The code stream as a file that OpenJPEG reads. */
typedef struct Memory {
    const unsigned char *bytes;
    size_t size, at;
} Memory;

static OPJ_SIZE_T memory_read(void *buffer, OPJ_SIZE_T wanted, void *user)
{
    Memory *memory = user;
    size_t left = memory->size - memory->at, n = wanted < left ? wanted : left;
    if (n == 0) return (OPJ_SIZE_T)-1;
    memcpy(buffer, memory->bytes + memory->at, n);
    memory->at += n;
    return n;
}

static OPJ_OFF_T memory_skip(OPJ_OFF_T wanted, void *user)
{
    Memory *memory = user;
    if (wanted < 0) return -1;
    size_t left = memory->size - memory->at, n = (uint64_t)wanted < left ? (size_t)wanted : left;
    memory->at += n;
    return n ? (OPJ_OFF_T)n : -1;
}

static OPJ_BOOL memory_seek(OPJ_OFF_T to, void *user)
{
    Memory *memory = user;
    if (to < 0 || (uint64_t)to > memory->size) return OPJ_FALSE;
    memory->at = (size_t)to;
    return OPJ_TRUE;
}

/* Keeps OpenJPEG's last word for the error message. */
static void message_keep(const char *message, void *user)
{
    char *text = user;
    if (text[0]) return;
    size_t n = strcspn(message, "\r\n");
    if (n > 127) n = 127;
    memcpy(text, message, n);
    text[n] = '\0';
}

static void message_drop(const char *message, void *user)
{
    (void)message;
    (void)user;
}

static int image_store(void *out, const opj_image_t *image, const DicomPixels *pixels, const char *message,
                       Error *error)
{
    const opj_image_comp_t *component = image->comps;
    if (image->numcomps != 1 || component->w != (OPJ_UINT32)pixels->columns ||
        component->h != (OPJ_UINT32)pixels->rows || !component->data)
        return error_set(error, TENO_FAILED, "OpenJPEG decoded something else than the header says: %s", message);
    size_t count = (size_t)pixels->rows * (size_t)pixels->columns;
    for (size_t i = 0; i < count; i++) {
        OPJ_INT32 value = component->data[i];
        if (pixels->bits_allocated == 8)
            ((uint8_t *)out)[i] = (uint8_t)value;
        else if (pixels->bits_allocated == 16)
            ((uint16_t *)out)[i] = (uint16_t)value;
        else
            ((uint32_t *)out)[i] = (uint32_t)value;
    }
    return TENO_OK;
}

int jpeg2000_decode(void *out, const unsigned char *stream, size_t size, const DicomPixels *pixels, Error *error)
{
    Memory memory = {.bytes = stream, .size = size};
    char message[128] = "";
    opj_dparameters_t parameters;
    opj_image_t *image = NULL;
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *file = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
    int code = TENO_FAILED;
    if (!codec || !file) {
        error_set(error, TENO_FAILED, "OpenJPEG does not start");
        goto out;
    }
    opj_set_default_decoder_parameters(&parameters);
    opj_set_info_handler(codec, message_drop, NULL);
    opj_set_warning_handler(codec, message_drop, NULL);
    opj_set_error_handler(codec, message_keep, message);
    opj_stream_set_user_data(file, &memory, NULL);
    opj_stream_set_user_data_length(file, size);
    opj_stream_set_read_function(file, memory_read);
    opj_stream_set_skip_function(file, memory_skip);
    opj_stream_set_seek_function(file, memory_seek);
    if (!opj_setup_decoder(codec, &parameters) || !opj_read_header(file, codec, &image) ||
        !opj_decode(codec, file, image)) {
        error_set(error, TENO_FAILED, "the JPEG 2000 code stream is damaged: %s", message);
        goto out;
    }
    code = image_store(out, image, pixels, message, error);
out:
    if (image) opj_image_destroy(image);
    if (file) opj_stream_destroy(file);
    if (codec) opj_destroy_codec(codec);
    return code;
}
