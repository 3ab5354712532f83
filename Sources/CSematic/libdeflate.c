#define _GNU_SOURCE
#include "CSematic.h"

#include <dlfcn.h>
#include <pthread.h>

// https://github.com/ebiggers/libdeflate/blob/v1.14/libdeflate.h
static struct {
  void *(*alloc)(int);
  size_t (*gzip)(void *, const void *, size_t, void *, size_t);
  void (*release)(void *);
  const char *path;
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
  static const char *const names[] = {
      "libdeflate.0.dylib", "/opt/homebrew/lib/libdeflate.0.dylib", "/usr/local/lib/libdeflate.0.dylib"};
#else
  static const char *const names[] = {"libdeflate.so.0", "libdeflate.so"};
#endif
  void *handle = 0;
  for (unsigned i = 0; i < sizeof names / sizeof *names && !handle; i++) handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!handle) return;
  library.alloc = (void *(*)(int))dlsym(handle, "libdeflate_alloc_compressor");
  library.gzip = (size_t (*)(void *, const void *, size_t, void *, size_t))dlsym(handle, "libdeflate_gzip_compress");
  library.release = (void (*)(void *))dlsym(handle, "libdeflate_free_compressor");
  Dl_info info;
  if (library.alloc && library.gzip && library.release && dladdr((void *)library.gzip, &info)) library.path = info.dli_fname;
}

const char *cl_libdeflate_path(void) {
  pthread_once(&once, load);
  return library.path;
}

cl_libdeflate *cl_libdeflate_new(int level) { return cl_libdeflate_path() ? library.alloc(level) : 0; }

size_t cl_libdeflate_gzip(cl_libdeflate *self, const void *input, size_t count, void *output, size_t room) {
  return library.gzip(self, input, count, output, room);
}

void cl_libdeflate_free(cl_libdeflate *self) { library.release(self); }
