// For LD_PRELOAD: refuses to ImageTool what SwiftPM's sandbox on macOS refuses, and hides what only Linux has. SwiftPM and
// its plugins are left alone: Foundation on Linux binds a socket for each child process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int fails(int code) {
  errno = code;
  return -1;
}

static int is_confined(void) { return strncmp(program_invocation_short_name, "ImageTool", 9) == 0; }

// libdispatch does not live without the states of its threads.
static int is_hidden(const char *path) {
  return path && is_confined() && strncmp(path, "/proc/", 6) == 0 && !strstr(path, "/stat");
}

int bind(int socket, const struct sockaddr *address, socklen_t size) {
  if (is_confined() && (address->sa_family == AF_INET || address->sa_family == AF_INET6)) return fails(EPERM);
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  return real(socket, address, size);
}

int kill(pid_t process, int number) {
  if (is_confined() && process != getpid()) return fails(EPERM);
  int (*real)(pid_t, int) = dlsym(RTLD_NEXT, "kill");
  return real(process, number);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (is_hidden(path)) return fails(ENOENT);
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  return real(path, flags, mode);
}

int stat(const char *path, struct stat *status) {
  if (is_hidden(path)) return fails(ENOENT);
  int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");
  return real(path, status);
}
