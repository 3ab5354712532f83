#define _GNU_SOURCE
#include "CSematic.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

extern char **environ;

// Only calls that are safe between fork and exec: another thread may have held any lock of this process.
static int start(const char *file, char *const argv[], char *const envp[], const int streams[3], int dies_with_thread,
                 pid_t parent) {
  if (setpgid(0, 0)) return errno;
#ifdef __linux__
  if (dies_with_thread) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL)) return errno;
    // The parent may have died before.
    if (getppid() != parent) return ESRCH;
  }
#else
  (void)parent;
  (void)dies_with_thread;
#endif
  int copies[3];
  for (int i = 0; i < 3; i++) {
    copies[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
    if (copies[i] < 0) return errno;
  }
  for (int i = 0; i < 3; i++)
    if (dup2(copies[i], i) < 0) return errno;
  struct sigaction usual;
  memset(&usual, 0, sizeof usual);
  usual.sa_handler = SIG_DFL;
  const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &usual, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
  execvpe(file, argv, envp);
#else
  environ = (char **)envp;
  execvp(file, argv);
#endif
  return errno;
}

pid_t csematic_spawn(const char *file, char *const argv[], char *const envp[], const int streams[3], int dies_with_thread) {
  int report[2];
  if (pipe(report)) return -1;
  // Not one of the standard streams, which the child replaces.
  int output = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
  int code = errno;
  close(report[1]);
  if (output < 0 || fcntl(report[0], F_SETFD, FD_CLOEXEC)) {
    close(report[0]);
    errno = code;
    return -1;
  }
  // No handler of this process may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    code = start(file, argv, envp, streams, dies_with_thread, parent);
    while (write(output, &code, sizeof code) < 0 && errno == EINTR) continue;
    _exit(127);
  }
  code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(output);
  if (child > 0) {
    ssize_t count;
    do count = read(report[0], &code, sizeof code);
    while (count < 0 && errno == EINTR);
    if (count == sizeof code) {
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
      child = -1;
    }
  }
  close(report[0]);
  errno = code;
  return child;
}

pid_t csematic_guard(pid_t group, int *lifeline) {
  int ends[2];
  if (pipe(ends)) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t guard = fork();
  if (guard == 0) {
    // What ends a terminal's or a caller's whole group, or all processes of a name, must not end the guard as well.
    setsid();
#ifdef __linux__
    prctl(PR_SET_NAME, "launch-guard");
#endif
    // Nobody waits for the end of a stream that only the guard still has.
    for (int i = 0; i < 1024; i++)
      if (i != ends[0]) close(i);
    char byte;
    ssize_t count;
    do count = read(ends[0], &byte, 1);
    while (count < 0 && errno == EINTR);
    // A byte says that the program is over; without one, nobody is there any more who could say so.
    if (count == 0) kill(-group, SIGKILL);
    _exit(0);
  }
  int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[0]);
  if (guard < 0) {
    close(ends[1]);
    errno = code;
  } else {
    *lifeline = ends[1];
  }
  return guard;
}

ssize_t csematic_command_output(const char *command, char *text, size_t size) {
  FILE *stream = popen(command, "r");
  if (!stream) return -1;
  size_t used = fread(text, 1, size, stream);
  // A pipe that is closed early would end the command by a signal.
  char rest[4096];
  while (fread(rest, 1, sizeof rest, stream) > 0) {
  }
  return pclose(stream) == 0 ? (ssize_t)used : -1;
}
