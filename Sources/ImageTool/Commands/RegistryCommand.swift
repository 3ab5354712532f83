import ArgumentParser
import SematicFiles
import SematicRegistryServer
import SematicSystem

struct RegistryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registry",
    abstract: "Serve the embedded registry, so that podman, skopeo and docker can pull from it.",
    subcommands: [Serve.self, Collect.self], defaultSubcommand: Serve.self)

  struct RootOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The package's folder (default: the current folder).", valueName: "folder"))
    var packagePath: String = "."

    @Option(
      help: ArgumentHelp(
        "The folder with the registry's images (default: .build/swift-sematic/registry of the package).",
        valueName: "folder"))
    var root: String?

    func folder() -> String {
      root.map { FileTree.absolute($0) } ?? FileTree.absolute(packagePath) + "/.build/swift-sematic/registry"
    }
  }

  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve in the foreground until Ctrl-C.")

    @OptionGroup var root: RootOptions

    @Option(help: ArgumentHelp("The port to listen on; 0 for any free port.", valueName: "number"))
    var port: UInt16 = EmbeddedRegistry.port

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Flag(help: "Refuse pushes and deletions.")
    var readOnly = false

    @Option(
      help: ArgumentHelp(
        "Require a user name and a password: the file's first line is user:password.", valueName: "file"))
    var login: String?

    @Flag(name: .shortAndLong, help: "Print each request.")
    var verbose = false

    func run() throws {
      let signals = SignalRelay()
      let console = Console(talk: verbose ? .verbose : .normal, host: nil)
      let server = try RegistryServer(
        root: root.folder(),
        options: .init(
          host: host, port: port, readOnly: readOnly, basicAuth: try login.map(Self.userAndPassword),
          log: { line in console.detail(line) }))
      server.start()
      console.say("serving \(root.folder())")
      console.data(server.address)
      withExtendedLifetime(signals) {
        while true { sleep(1000) }
      }
    }

    /// Reads the file's first line. Secrets are not given on a command line, which all users can read.
    private static func userAndPassword(_ file: String) throws -> (user: String, password: String) {
      let text = String(decoding: try FileTree.read(FileTree.absolute(file)), as: UTF8.self)
      let parts = text.prefix { !$0.isNewline }.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw FileError("read user and password from", file, reason: "its first line is not user:password")
      }
      return (String(parts[0]), String(parts[1]))
    }
  }

  struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "gc", abstract: "Remove blobs that no image uses.")

    @OptionGroup var root: RootOptions

    func run() throws {
      let removed = try RegistryServer.collectGarbage(root: root.folder())
      Console(talk: .normal, host: nil).data("removed \(removed.removedBlobs) blobs, \(removed.bytes) bytes")
    }
  }
}
