#include "CSematic.h"

#include <dlfcn.h>
#include <pthread.h>

// The stable part of https://facebook.github.io/zstd/doc/api_manual_latest.html: libzstd 1.4 and later.
typedef struct { const void *bytes; size_t size, position; } input_buffer;
typedef struct { void *bytes; size_t size, position; } output_buffer;

enum { ZSTD_c_compressionLevel = 100, ZSTD_c_checksumFlag = 201 };

static struct {
  void *(*new_writer)(void);
  size_t (*set)(void *, int, int);
  size_t (*compress)(void *, void *, size_t, const void *, size_t);
  size_t (*free_writer)(void *);
  void *(*new_reader)(void);
  size_t (*decompress)(void *, output_buffer *, input_buffer *);
  size_t (*free_reader)(void *);
  unsigned (*is_error)(size_t);
  const char *version;
} zstd;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
  static const char *const names[] = {
      "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib", "/usr/local/lib/libzstd.1.dylib"};
#else
  static const char *const names[] = {"libzstd.so.1", "libzstd.so"};
#endif
  void *library = 0;
  for (unsigned i = 0; i < sizeof names / sizeof *names && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  zstd.new_writer = (void *(*)(void))dlsym(library, "ZSTD_createCCtx");
  zstd.set = (size_t (*)(void *, int, int))dlsym(library, "ZSTD_CCtx_setParameter");
  zstd.compress = (size_t (*)(void *, void *, size_t, const void *, size_t))dlsym(library, "ZSTD_compress2");
  zstd.free_writer = (size_t (*)(void *))dlsym(library, "ZSTD_freeCCtx");
  zstd.new_reader = (void *(*)(void))dlsym(library, "ZSTD_createDStream");
  zstd.decompress = (size_t (*)(void *, output_buffer *, input_buffer *))dlsym(library, "ZSTD_decompressStream");
  zstd.free_reader = (size_t (*)(void *))dlsym(library, "ZSTD_freeDStream");
  zstd.is_error = (unsigned (*)(size_t))dlsym(library, "ZSTD_isError");
  const char *(*version)(void) = (const char *(*)(void))dlsym(library, "ZSTD_versionString");
  if (zstd.new_writer && zstd.set && zstd.compress && zstd.free_writer && zstd.new_reader && zstd.decompress &&
      zstd.free_reader && zstd.is_error && version)
    zstd.version = version();
}

const char *csematic_zstd_version(void) {
  pthread_once(&once, load);
  return zstd.version;
}

csematic_zstd_writer *csematic_zstd_writer_new(int level) {
  void *self = csematic_zstd_version() ? zstd.new_writer() : 0;
  if (!self) return 0;
  if (!zstd.is_error(zstd.set(self, ZSTD_c_compressionLevel, level)) &&
      !zstd.is_error(zstd.set(self, ZSTD_c_checksumFlag, 1)))
    return self;
  zstd.free_writer(self);
  return 0;
}

size_t csematic_zstd_write(csematic_zstd_writer *self, const void *input, size_t count, void *output, size_t room) {
  size_t result = zstd.compress(self, output, room, input, count);
  return zstd.is_error(result) ? 0 : result;
}

void csematic_zstd_writer_free(csematic_zstd_writer *self) { zstd.free_writer(self); }

csematic_zstd_reader *csematic_zstd_reader_new(void) { return csematic_zstd_version() ? zstd.new_reader() : 0; }

int csematic_zstd_read(csematic_zstd_reader *self, const void *input, size_t *input_count, void *output, size_t *output_count) {
  input_buffer from = {input, *input_count, 0};
  output_buffer to = {output, *output_count, 0};
  size_t result = zstd.decompress(self, &to, &from);
  *input_count -= from.position;
  *output_count -= to.position;
  return zstd.is_error(result) ? -1 : result == 0 ? 1 : 0;
}

void csematic_zstd_reader_free(csematic_zstd_reader *self) { zstd.free_reader(self); }
