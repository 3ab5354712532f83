#define _GNU_SOURCE
#include "CSematic.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int csematic_path_beside(const char *name, char *path, size_t size) {
#ifdef __linux__
  ssize_t count = readlink("/proc/self/exe", path, size - 1);
  if (count <= 0 || (size_t)count >= size - 1) return -1;
  path[count] = 0;
  for (int level = 0; level < 2; level++) {
    char *slash = strrchr(path, '/');
    if (!slash) return -1;
    *slash = 0;
  }
  size_t used = strlen(path);
  if ((size_t)snprintf(path + used, size - used, "/lib/%s", name) >= size - used) return -1;
  return access(path, R_OK);
#else
  (void)name, (void)path, (void)size;
  return -1;
#endif
}

void *csematic_load_beside(const char *name, char *reason, size_t size) {
  char path[4096], list[280], line[256];
  if ((size_t)snprintf(list, sizeof list, "%s.needs", name) >= sizeof list) return 0;
  if (csematic_path_beside(list, path, sizeof path) != 0) return 0;
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  void *last = 0;
  // The loader does not look into this folder, but knows a library by its name once it is loaded: so each is loaded
  // after what it needs.
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    if (!*line || strchr(line, '/') || csematic_path_beside(line, path, sizeof path) != 0) continue;
    last = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const char *error = last ? 0 : dlerror();
    // The first is the cause of those that follow; but one that the base has, too, need not be fatal.
    if (error && !*reason) snprintf(reason, size, "%s", error);
  }
  fclose(file);
  return last;
}
