/// The folders and files of ours in an image, without the leading slash.
enum WorkerFolders {
  static let root = "sematic"
  /// The launch program with its libraries and bundles. On PATH, and anybody may add commands to it, as Sematic expects
  /// (`ray`), but not replace what is there: hence 0o1777.
  static let programs = "sematic/bin"
  /// Libraries that programs load at run time, and certificate authorities: a last resort (Sources/CSematic/beside.c), so
  /// that a base that has them keeps its own.
  static let runtimeLoaded = "sematic/lib"
  /// Prints where a program crashed: SWIFT_BACKTRACE names it.
  static let backtracer = "sematic/libexec/swift-backtrace"
  static let entrypoint = "sematic/entrypoint"
  /// Sets the environment up for a worker in Python, and starts it.
  static let start = "sematic/start"
  /// The folder of `PythonWorker.siteScript`.
  static let site = "sematic/site"
  /// Python packages. A folder of its own, in front on PYTHONPATH: where a Python has its packages differs from base to
  /// base, and theirs stay as they are.
  static let packages = "sematic/python"
  /// The folder in that of the packages with a `sitecustomize` that reads their `.pth` files, where they have some: Python
  /// reads none in folders of PYTHONPATH.
  static let packagesSite = ".site"
  /// The working directory where neither the settings nor the base name one, and that of a script: its sources are there.
  static let application = "sematic/app"

  static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The mode of a folder for which none is given.
  static func mode(of folder: String) -> UInt16 {
    switch folder {
    case programs, "tmp", "var/tmp": 0o1777
    case "root": 0o700
    default: 0o755
    }
  }
}
