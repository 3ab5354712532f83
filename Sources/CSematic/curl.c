#include "CSematic.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#ifdef __ELF__
// Tells tools that look into the executable what it loads at run time, as packagers of other projects do, too:
// https://systemd.io/ELF_DLOPEN_METADATA/
#define CURL_NOTE \
  "[{\"feature\":\"https\",\"description\":\"HTTP over TLS\",\"priority\":\"recommended\"," \
  "\"soname\":[\"libcurl.so.4\",\"libcurl-gnutls.so.4\"]}]"
__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
  uint32_t name_size, size, type;
  char name[4];
  char json[(sizeof CURL_NOTE + 3) & ~3u];
} curl_note = {4, sizeof CURL_NOTE, 0x407c0c0a, "FDO", CURL_NOTE};
#endif

// The variadic functions keep their variadic type: on some processors (arm64 macOS) such arguments travel differently.
static struct {
  int (*global_init)(long);
  const char *(*version)(void);
  void *(*init)(void);
  void (*cleanup)(void *);
  void (*reset)(void *);
  int (*setopt)(void *, int, ...);
  int (*perform)(void *);
  const char *(*strerror)(int);
  int (*getinfo)(void *, int, ...);
  csematic_curl_list *(*append)(csematic_curl_list *, const char *);
  void (*free_all)(csematic_curl_list *);
  const char *error;
} curl;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
#ifdef __APPLE__
  static const char *const names[] = {"/usr/lib/libcurl.4.dylib", "libcurl.dylib"};
#else
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
#endif
  void *library = 0;
  for (unsigned i = 0; i < sizeof names / sizeof *names && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  static char message[512];
  char reason[400] = "";
  for (unsigned i = 0; i < sizeof names / sizeof *names && !library; i++)
    library = csematic_load_beside(names[i], reason, sizeof reason);
  snprintf(message, sizeof message, "libcurl was not found%s%s: install it (Debian and Ubuntu: libcurl4)",
           *reason ? ", and that of the image cannot be loaded: " : "", reason);
  curl.error = message;
  if (!library) return;
  curl.global_init = (int (*)(long))dlsym(library, "curl_global_init");
  curl.version = (const char *(*)(void))dlsym(library, "curl_version");
  curl.init = (void *(*)(void))dlsym(library, "curl_easy_init");
  curl.cleanup = (void (*)(void *))dlsym(library, "curl_easy_cleanup");
  curl.reset = (void (*)(void *))dlsym(library, "curl_easy_reset");
  curl.setopt = (int (*)(void *, int, ...))dlsym(library, "curl_easy_setopt");
  curl.perform = (int (*)(void *))dlsym(library, "curl_easy_perform");
  curl.strerror = (const char *(*)(int))dlsym(library, "curl_easy_strerror");
  curl.getinfo = (int (*)(void *, int, ...))dlsym(library, "curl_easy_getinfo");
  curl.append = (csematic_curl_list * (*)(csematic_curl_list *, const char *)) dlsym(library, "curl_slist_append");
  curl.free_all = (void (*)(csematic_curl_list *))dlsym(library, "curl_slist_free_all");
  curl.error = "libcurl was found, but lacks functions of its easy interface: install libcurl 7.64 or later";
  if (!(curl.global_init && curl.version && curl.init && curl.cleanup && curl.reset && curl.setopt && curl.perform &&
        curl.strerror && curl.getinfo && curl.append && curl.free_all))
    return;
  curl.error = curl.global_init(3 /* CURL_GLOBAL_ALL */) == 0 ? 0 : "libcurl could not be initialised";
}

const char *csematic_curl_error(void) {
  pthread_once(&once, load);
  return curl.error;
}

const char *csematic_curl_version(void) { return csematic_curl_error() ? 0 : curl.version(); }
void *csematic_curl_new(void) { return csematic_curl_error() ? 0 : curl.init(); }
void csematic_curl_free(void *handle) { curl.cleanup(handle); }
void csematic_curl_reset(void *handle) { curl.reset(handle); }
int csematic_curl_set_long(void *handle, int option, long value) { return curl.setopt(handle, option, value); }
int csematic_curl_set_offset(void *handle, int option, int64_t value) { return curl.setopt(handle, option, value); }
int csematic_curl_set_string(void *handle, int option, const char *value) { return curl.setopt(handle, option, value); }
int csematic_curl_set_pointer(void *handle, int option, void *value) { return curl.setopt(handle, option, value); }
int csematic_curl_set_data_callback(void *handle, int option, csematic_curl_data callback) {
  return curl.setopt(handle, option, callback);
}
int csematic_curl_set_seek_callback(void *handle, csematic_curl_seek callback) { return curl.setopt(handle, 20167, callback); }
int csematic_curl_set_progress_callback(void *handle, csematic_curl_progress callback) {
  return curl.setopt(handle, 20219, callback);
}
int csematic_curl_set_blob(void *handle, int option, const void *bytes, size_t count) {
  struct { const void *data; size_t count; unsigned int flags; } blob = {bytes, count, 1 /* CURL_BLOB_COPY */};
  return curl.setopt(handle, option, &blob);
}
int csematic_curl_perform(void *handle) { return curl.perform(handle); }
const char *csematic_curl_strerror(int code) { return csematic_curl_error() ? 0 : curl.strerror(code); }
int csematic_curl_get_long(void *handle, int info, long *value) { return curl.getinfo(handle, info, value); }
int csematic_curl_get_offset(void *handle, int info, int64_t *value) { return curl.getinfo(handle, info, value); }
int csematic_curl_get_string(void *handle, int info, const char **value) { return curl.getinfo(handle, info, value); }
csematic_curl_list *csematic_curl_list_append(csematic_curl_list *list, const char *line) { return curl.append(list, line); }
void csematic_curl_list_free(csematic_curl_list *list) { curl.free_all(list); }
