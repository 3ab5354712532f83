import ArgumentParser
import SematicFiles
import SematicRegistryServer
import SematicSystem

struct RegistryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registry",
    abstract: "Serve the embedded registry, so that podman, skopeo and docker can pull from it.",
    subcommands: [Serve.self, Collect.self], defaultSubcommand: Serve.self)

  final class RootOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp("The package's folder (default: the current one, or one above it).", valueName: "folder"))
    var packagePath: String?

    @Option(
      help: ArgumentHelp(
        "The folder with the registry's images (default: .build/swift-sematic/registry of the package).",
        valueName: "folder"))
    var root: String?

    func folder() throws -> String {
      if let root { return FileTree.absolute(root) }
      let package = try Workspace.package(packagePath)
      if package == nil, packagePath != nil || StateFolder.ofLink == nil {
        throw MisplacedPackage(reason: .none(in: FileTree.absolute(packagePath ?? ".")))
      }
      let state = try StateFolder(package: package, isNamed: packagePath != nil)
      state.use()
      return state.registry
    }
  }

  final class Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve in the foreground until Ctrl-C.")

    @OptionGroup var root: RootOptions

    @Option(
      help: ArgumentHelp(
        "The port to listen on; 0 for any free port (default: \(EmbeddedRegistry.ports.lowerBound), or the next free one).",
        valueName: "number"))
    var port: UInt16?

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Flag(help: "Refuse pushes and deletions.")
    var readOnly = false

    @Option(
      help: ArgumentHelp(
        "Require a user name and a password: each line of the file is user:password.", valueName: "file"))
    var login: String?

    @Flag(name: .shortAndLong, help: "Print each request.")
    var verbose = false

    func run() throws {
      let signals = SignalRelay()
      let console = Console(talk: verbose ? .verbose : .normal, host: nil)
      // This process starts no other program that would inherit it.
      POSIX.raiseDescriptorLimit(to: 4096)
      let folder = try root.folder()
      let server = try RegistryServer(
        root: folder,
        options: .init(
          host: host, port: port ?? EmbeddedRegistry.freePort(), readOnly: readOnly,
          logins: try login.map(Self.logins) ?? [],
          log: { line in console.detail(line) }))
      if !server.isLoopback && login == nil {
        console.warn(
          "other machines can \(readOnly ? "pull from" : "push to and pull from") this registry without a password; "
            + "--login requires one")
      }
      if let login, try FileStatus(of: FileTree.absolute(login)).mode & 0o077 != 0 {
        console.warn("other users of this machine may read \(login), which has passwords: `chmod 600` keeps it private")
      }
      server.start()
      do {
        try server.announce(isLasting: true)
      } catch let error as FileError {
        console.warn("\(error): push-image and run-pipeline will not find this registry")
      }
      console.say("serving \(folder)")
      try console.data(server.address)
      withExtendedLifetime(signals) {
        while true { sleep(1000) }
      }
    }

    /// Reads the users of a file. Secrets are not given on a command line, which all users of a machine can read.
    static func logins(_ file: String) throws -> [(user: String, password: String)] {
      let text = String(decoding: try FileTree.read(FileTree.absolute(file)), as: UTF8.self)
      let logins = try text.split(whereSeparator: \.isNewline).enumerated().map { number, line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw FileError("read users from", file, reason: "line \(number + 1) is not user:password")
        }
        return (user: String(parts[0]), password: String(parts[1]))
      }
      guard !logins.isEmpty else { throw FileError("read users from", file, reason: "it has no line user:password") }
      return logins
    }
  }

  final class Collect: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "gc", abstract: "Remove blobs that no image uses.")

    @OptionGroup var root: RootOptions

    @Option(
      help: ArgumentHelp(
        "Keep blobs that were pushed or asked for in the last so many seconds: their image may be on its way.",
        valueName: "seconds"))
    var grace: UInt32 = 3600

    func run() throws {
      let result = try RegistryServer.collectGarbage(root: root.folder(), grace: Int64(grace))
      let console = Console(talk: .normal, host: nil)
      try console.data("removed \(result.removedBlobs) blobs, \(ByteCount(result.bytes))")
      if result.keptBlobs > 0 {
        console.say(
          "kept \(result.keptBlobs) unused blobs, \(ByteCount(result.keptBytes)), of the last \(grace) s; "
            + "--grace 0 removes them, too")
      }
    }
  }
}
