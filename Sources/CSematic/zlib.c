#include "CSematic.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

// The public structure of zlib 1.x (https://www.zlib.net/manual.html#Stream), part of its ABI.
typedef struct {
  const unsigned char *next_in;
  unsigned int avail_in;
  unsigned long total_in;
  unsigned char *next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *message;
  void *state;
  void *(*allocate)(void *, unsigned int, unsigned int);
  void (*release)(void *, void *);
  void *opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
} z_stream;

enum { Z_NO_FLUSH = 0, Z_FULL_FLUSH = 3, Z_FINISH = 4, Z_OK = 0, Z_STREAM_END = 1, Z_BUF_ERROR = -5, Z_DEFLATED = 8 };

struct csematic_deflate { z_stream stream; };
struct csematic_inflate { z_stream stream; };

static struct {
  int (*deflate_init)(z_stream *, int, int, int, int, int, const char *, int);
  int (*deflate)(z_stream *, int);
  int (*deflate_tune)(z_stream *, int, int, int, int);
  int (*deflate_end)(z_stream *);
  int (*inflate_init)(z_stream *, int, const char *, int);
  int (*inflate)(z_stream *, int);
  int (*inflate_reset)(z_stream *);
  int (*inflate_end)(z_stream *);
  unsigned long (*crc)(unsigned long, const unsigned char *, unsigned int);
  const char *version;
} zlib;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
  static const char *const names[] = {"/usr/lib/libz.1.dylib", "libz.dylib"};
#else
  static const char *const names[] = {"libz.so.1", "libz.so"};
#endif
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  zlib.deflate_init = (int (*)(z_stream *, int, int, int, int, int, const char *, int))dlsym(library, "deflateInit2_");
  zlib.deflate = (int (*)(z_stream *, int))dlsym(library, "deflate");
  zlib.deflate_tune = (int (*)(z_stream *, int, int, int, int))dlsym(library, "deflateTune");
  zlib.deflate_end = (int (*)(z_stream *))dlsym(library, "deflateEnd");
  zlib.inflate_init = (int (*)(z_stream *, int, const char *, int))dlsym(library, "inflateInit2_");
  zlib.inflate = (int (*)(z_stream *, int))dlsym(library, "inflate");
  zlib.inflate_reset = (int (*)(z_stream *))dlsym(library, "inflateReset");
  zlib.inflate_end = (int (*)(z_stream *))dlsym(library, "inflateEnd");
  zlib.crc = (unsigned long (*)(unsigned long, const unsigned char *, unsigned int))dlsym(library, "crc32");
  const char *(*version)(void) = (const char *(*)(void))dlsym(library, "zlibVersion");
  if (zlib.deflate_init && zlib.deflate && zlib.deflate_tune && zlib.deflate_end && zlib.inflate_init && zlib.inflate &&
      zlib.inflate_reset && zlib.inflate_end && zlib.crc && version)
    zlib.version = version();
}

const char *csematic_zlib_version(void) {
  pthread_once(&once, load);
  return zlib.version;
}

uint32_t csematic_crc32(uint32_t crc, const void *bytes, size_t count) {
  if (!csematic_zlib_version()) return 0;
  const unsigned char *at = bytes;
  while (count > 0) {
    unsigned int part = count > 0x40000000 ? 0x40000000 : (unsigned int)count;
    crc = (uint32_t)zlib.crc(crc, at, part);
    at += part;
    count -= part;
  }
  return crc;
}

csematic_deflate *csematic_deflate_new(int level) {
  if (!csematic_zlib_version()) return NULL;
  csematic_deflate *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  // Raw (-15): the gzip header is written by the caller, because zlib puts the host's operating system into its own.
  if (zlib.deflate_init(&self->stream, level, Z_DEFLATED, -15, 8, 0, zlib.version, (int)sizeof self->stream) == Z_OK)
    return self;
  free(self);
  return NULL;
}

int csematic_deflate_tune(csematic_deflate *self, int good, int lazy, int nice, int chain) {
  return zlib.deflate_tune(&self->stream, good, lazy, nice, chain) == Z_OK ? 0 : -1;
}

static unsigned int bounded(size_t count) { return count > 0x40000000 ? 0x40000000 : (unsigned int)count; }

static int run(z_stream *stream, int (*step)(z_stream *, int), int flush, const void *input, size_t *input_count, void *output,
               size_t *output_count) {
  unsigned int given = bounded(*input_count), room = bounded(*output_count);
  stream->next_in = input;
  stream->avail_in = given;
  stream->next_out = output;
  stream->avail_out = room;
  int result = step(stream, given == *input_count ? flush : Z_NO_FLUSH);
  *input_count -= given - stream->avail_in;
  *output_count -= room - stream->avail_out;
  return result == Z_STREAM_END ? 1 : result == Z_OK || result == Z_BUF_ERROR ? 0 : -1;
}

int csematic_deflate_run(csematic_deflate *self, const void *input, size_t *input_count, void *output, size_t *output_count,
                   int mode) {
  int flush = mode == CSEMATIC_DEFLATE_FINISH ? Z_FINISH : mode == CSEMATIC_DEFLATE_FLUSH ? Z_FULL_FLUSH : Z_NO_FLUSH;
  return run(&self->stream, zlib.deflate, flush, input, input_count, output, output_count);
}

void csematic_deflate_free(csematic_deflate *self) {
  zlib.deflate_end(&self->stream);
  free(self);
}

csematic_inflate *csematic_inflate_new(void) {
  if (!csematic_zlib_version()) return NULL;
  csematic_inflate *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  // 15 + 32: the largest window, gzip or zlib by the header.
  if (zlib.inflate_init(&self->stream, 15 + 32, zlib.version, (int)sizeof self->stream) == Z_OK) return self;
  free(self);
  return NULL;
}

int csematic_inflate_run(csematic_inflate *self, const void *input, size_t *input_count, void *output, size_t *output_count) {
  return run(&self->stream, zlib.inflate, Z_NO_FLUSH, input, input_count, output, output_count);
}

int csematic_inflate_reset(csematic_inflate *self) { return zlib.inflate_reset(&self->stream) == Z_OK ? 0 : -1; }

void csematic_inflate_free(csematic_inflate *self) {
  zlib.inflate_end(&self->stream);
  free(self);
}
