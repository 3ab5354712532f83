import SematicSystem

/// Hands SIGINT, SIGTERM and SIGHUP on to the launch program; without one, they end this process as usual.
///
/// Must be made before any other thread, which then inherits the mask: one thread waits for the signals.
final class SignalRelay: @unchecked Sendable {
  // Unchecked: the variables are only touched under the lock.
  private let lock = Lock()
  private var target: pid_t?
  private var cleanup: (@Sendable () -> Void)?

  init() {
    // libcurl's TLS and a closed standard output would end the process; both are told by an error as well.
    signal(SIGPIPE, SIG_IGN)
    var signals = Self.signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    SystemThread.start { [self] in
      while true {
        var waiting = Self.signals
        var number: Int32 = 0
        if sigwait(&waiting, &number) == 0 { received(number) }
      }
    }
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    return set
  }

  func setTarget(_ process: pid_t?) { lock.withLock { target = process } }

  /// Sets what is called before a signal ends this process: something short, for what is not on this machine.
  func setCleanup(_ body: (@Sendable () -> Void)?) { lock.withLock { cleanup = body } }

  /// To the program's whole group, so that its own children get it too.
  func received(_ number: Int32) {
    let process = lock.withLock { target }
    // Where a sandbox forbids the signal, the program is left to itself, as if there were none.
    if let process, kill(-process, number) == 0 || errno != EPERM { return }
    let body = lock.withLock {
      defer { cleanup = nil }
      return cleanup
    }
    guard let body else { return die(number) }
    // A second signal does not wait for it.
    SystemThread.start {
      body()
      self.die(number)
    }
  }

  private func die(_ number: Int32) {
    // On this machine there is nothing to clean: what is half-written is never in its place. Dying by the signal tells the
    // caller the truth.
    signal(number, SIG_DFL)
    var only = sigset_t()
    sigemptyset(&only)
    sigaddset(&only, number)
    pthread_sigmask(SIG_UNBLOCK, &only, nil)
    raise(number)
  }

  /// SwiftPM died: the program is asked to end, then made to, and then we end.
  func hostIsGone() {
    guard let process = lock.withLock({ target }) else { exit(1) }
    kill(-process, SIGTERM)
    for _ in 0..<100 where kill(-process, 0) == 0 { usleep(100_000) }
    kill(-process, SIGKILL)
    exit(1)
  }
}
