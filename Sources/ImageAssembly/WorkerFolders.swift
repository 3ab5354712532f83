/// Where things lie in an image, without the leading slash.
enum WorkerFolders {
  static let root = "sematic"
  /// The launch program with its libraries and bundles. On PATH, and anybody may add commands to it, as Sematic expects
  /// (`ray`), but not replace what is there: hence 0o1777.
  static let programs = "sematic/bin"
  static let entrypoint = "sematic/entrypoint"
  /// The working directory where nothing else is one.
  static let application = "sematic/app"

  static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// Of a folder that nobody said anything about.
  static func mode(of folder: String) -> UInt16 {
    switch folder {
    case programs, "tmp", "var/tmp": 0o1777
    case "root": 0o700
    default: 0o755
    }
  }
}
