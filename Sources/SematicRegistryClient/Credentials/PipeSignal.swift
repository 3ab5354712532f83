import SematicSystem

/// Runs what writes to sockets or pipes whose other side may be gone: that is an error then, not the end of the process.
///
/// libcurl leaves SIGPIPE to its callers when it must not touch signals itself, and OpenSSL does cause it
/// (https://curl.se/libcurl/c/CURLOPT_NOSIGNAL.html). Ignoring it for the whole process would be inherited by every
/// program that is started; it is sent to the thread that wrote, so holding it back here is enough.
func withoutPipeSignal<Result>(_ body: () throws -> Result) rethrows -> Result {
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
