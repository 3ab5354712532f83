import Foundation
import SematicFiles
import SematicOCI

/// An image, unpacked by umoci, in which runc starts containers. Gone when it is no longer held.
///
/// Without root both work in a user namespace, where every file is the user's own.
package final class ContainerBundle: Sendable {
  package let configuration: ImageConfiguration
  private let folder: TemporaryFolder
  private var bundle: String { folder.file("bundle") }

  /// The image of a layout folder.
  package init(layout: String, tag: String) throws {
    folder = try TemporaryFolder("container")
    configuration = try LayoutReader(layout).configuration(tag: tag)
    let rootless = geteuid() == 0 ? [] : ["--rootless"]
    try Self.check(["umoci", "unpack"] + rootless + ["--image", "\(layout):\(tag)", folder.file("bundle")])
  }

  /// An image that a registry on loopback has, pulled by skopeo as `HOST:PORT/REPOSITORY@DIGEST`.
  /// - Parameter architecture: that of the image to take from an index; nil for this machine's.
  package convenience init(
    registry reference: String, credentials: String? = nil, authority: String? = nil, architecture: String? = nil
  ) throws {
    let pulled = try TemporaryFolder("pulled")
    let chosen = architecture.map { ["--override-arch", $0] } ?? []
    var arguments = ["skopeo", "--insecure-policy"] + chosen + ["copy", "--quiet"]
    if let credentials { arguments += ["--src-creds", credentials] }
    if let authority {
      // skopeo reads `*.crt` of a folder.
      try FileTree.linkOrCopy(authority, to: pulled.file("certificates/ca.crt"))
      arguments += ["--src-cert-dir", pulled.file("certificates")]
    } else {
      arguments += ["--src-tls-verify=false"]
    }
    try Self.check(arguments + ["docker://\(reference)", "oci:\(pulled.file("layout")):pulled"])
    try self.init(layout: pulled.file("layout"), tag: "pulled")
  }

  /// The root folder of the image's files.
  package var root: String { "\(bundle)/rootfs" }

  /// What there is at a path of the image, a symbolic link for itself.
  package func status(_ path: String) throws -> FileStatus {
    try FileStatus(of: "\(root)/\(path)", followingLinks: false)
  }

  /// Starts the image's entrypoint with `arguments` in place of its command, as Kubernetes does for `args`.
  /// - Parameters:
  ///   - environment: added to the image's own.
  ///   - user: in place of the image's, as `(uid, gid)`.
  ///   - program: in place of the entrypoint.
  ///   - hostNetwork: false leaves nothing but a loopback of its own.
  package func run(
    _ arguments: [String]? = nil, environment: [String: String] = [:], user: (UInt32, UInt32)? = nil,
    program: [String]? = nil, hostNetwork: Bool = false
  ) throws -> ChildProcess.Result {
    // Each run has its own runtime configuration above the same root: runs may follow, and overlap.
    let name = "swift-sematic-\(UUID().uuidString.lowercased())"
    let run = try TemporaryFolder("run")
    var document = try Self.object(JSONSerialization.jsonObject(with: Data(FileTree.read("\(bundle)/config.json"))))
    var process = try Self.object(document["process"])
    process["terminal"] = false
    process["args"] = (program ?? configuration.entrypoint) + (arguments ?? configuration.command)
    // A later value wins in glibc's getenv no sooner than an earlier one is gone.
    let inherited = (process["env"] as? [String] ?? []).filter { variable in
      !environment.keys.contains { variable.hasPrefix($0 + "=") }
    }
    process["env"] = inherited + environment.map { "\($0)=\($1)" }.sorted()
    if let user {
      process["user"] = ["uid": Int(user.0), "gid": Int(user.1)]
    }
    document["process"] = process
    document["root"] = ["path": root]
    if hostNetwork {
      var linux = try Self.object(document["linux"])
      linux["namespaces"] = (linux["namespaces"] as? [[String: Any]] ?? []).filter {
        $0["type"] as? String != "network"
      }
      document["linux"] = linux
      // As engines do: the names of the network are not the image's.
      let files = ["/etc/hosts", "/etc/resolv.conf"].filter(FileTree.exists)
      document["mounts"] =
        (document["mounts"] as? [[String: Any]] ?? []).filter { !files.contains($0["destination"] as? String ?? "") }
        + files.map { ["destination": $0, "type": "bind", "source": $0, "options": ["rbind", "ro"]] }
    }
    try AtomicFile.write(JSONSerialization.data(withJSONObject: document), to: run.file("config.json"))

    let state = folder.file("runc")
    defer { _ = try? ChildProcess.run(["runc", "--root", state, "delete", "--force", name]) }
    return try ChildProcess.run(["runc", "--root", state, "run", "--bundle", run.path, name])
  }

  /// For `.enabled(if:)`.
  package static var isAvailable: Bool { ChildProcess.canRun("umoci", "runc", "skopeo") }

  private static func object(_ value: Any?) throws -> [String: Any] {
    guard let object = value as? [String: Any] else {
      throw ChildProcess.Failure("umoci wrote no runtime configuration")
    }
    return object
  }

  private static func check(_ arguments: [String]) throws {
    let result = try ChildProcess.run(arguments)
    guard result.status == 0 else {
      throw ChildProcess.Failure("\(arguments.joined(separator: " ")): \(result.status): \(result.output)")
    }
  }
}
