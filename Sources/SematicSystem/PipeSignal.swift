/// Runs code that writes to sockets or pipes, without SIGPIPE.
///
/// Where the other side is closed, that is an error then and not the end of the process.
///
/// libcurl leaves SIGPIPE to its callers when it must not change signals itself, and OpenSSL does cause it
/// (https://curl.se/libcurl/c/CURLOPT_NOSIGNAL.html). If the whole process ignored it, every program that it starts would,
/// too; the signal goes to the thread that wrote, so blocking it here is enough. On macOS it goes to the process: there,
/// sockets and pipes are told one by one not to send it (SO_NOSIGPIPE, which libcurl sets, too, and F_SETNOSIGPIPE).
package func withoutPipeSignal<Result>(_ body: () throws -> Result) rethrows -> Result {
  var pipe = sigset_t()
  var pending = sigset_t()
  var before = sigset_t()
  sigemptyset(&pipe)
  sigaddset(&pipe, SIGPIPE)
  sigpending(&pending)
  let wasPending = sigismember(&pending, SIGPIPE) == 1
  pthread_sigmask(SIG_BLOCK, &pipe, &before)
  defer {
    sigpending(&pending)
    if !wasPending, sigismember(&pending, SIGPIPE) == 1 {
      var signal: CInt = 0
      sigwait(&pipe, &signal)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }
  return try body()
}
