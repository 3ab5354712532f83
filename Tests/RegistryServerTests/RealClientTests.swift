import Foundation
import SematicFiles
import SematicOCI
import SematicRegistryServer
import TestSupport
import Testing

/// What people have: other programs push to the registry and pull from it.
@Suite struct RealClientTests {
  /// A layout folder with one image.
  private func layout(in folder: TemporaryFolder) throws -> String {
    let layout = folder.file("layout")
    try folder.write("file", "hello")
    for arguments in [
      ["init", "--layout", layout], ["new", "--image", "\(layout):v1"],
      ["insert", "--rootless", "--image", "\(layout):v1", folder.file("file"), "/file"],
    ] {
      let result = try ChildProcess.run(["umoci"] + arguments)
      try #require(result.status == 0, "\(result.output)")
    }
    return layout
  }

  private func skopeo(_ arguments: [String]) throws {
    let result = try ChildProcess.run(["skopeo", "--insecure-policy"] + arguments)
    try #require(result.status == 0, "\(result.output)")
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo", "umoci")))
  func `skopeo pushes, copies and pulls`() throws {
    let registry = try TestRegistry()
    let host = registry.server.address
    let layout = try layout(in: registry.folder)
    try skopeo(["copy", "--dest-tls-verify=false", "oci:\(layout):v1", "docker://\(host)/nested/name:v1"])
    try skopeo([
      "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "docker://\(host)/nested/name:v1",
      "docker://\(host)/other:v2",
    ])
    let back = registry.folder.file("back")
    try skopeo(["copy", "--src-tls-verify=false", "docker://\(host)/other:v2", "oci:\(back):v1"])
    let digest = try LayoutReader(layout).digest(tag: "v1")
    #expect(try LayoutReader(back).digest() == digest)
    #expect(try registry.call("HEAD", "other/manifests/v2")["Docker-Content-Digest"] == digest)
    try skopeo(["delete", "--tls-verify=false", "docker://\(host)/other:v2"])
    #expect(try registry.call("HEAD", "other/manifests/v2").status == 404)
  }

  @Test(.enabled(if: ChildProcess.canRun("skopeo", "umoci")))
  func `skopeo pushes with a password`() throws {
    let registry = try TestRegistry { $0.logins = [("alice", "s3cret")] }
    let layout = try layout(in: registry.folder)
    let arguments = ["copy", "--dest-tls-verify=false", "oci:\(layout):v1", "docker://\(registry.server.address)/a:v1"]
    try skopeo(arguments + ["--dest-creds", "alice:s3cret"])
    let refused = try ChildProcess.run(["skopeo", "--insecure-policy"] + arguments + ["--dest-creds", "alice:wrong"])
    #expect(refused.status != 0)
  }

  @Test(.enabled(if: ChildProcess.canRun("podman", "skopeo", "umoci") && geteuid() == 0))
  func `podman pulls`() throws {
    let registry = try TestRegistry()
    let layout = try layout(in: registry.folder)
    let name = "\(registry.server.address)/podman:v1"
    try skopeo(["copy", "--dest-tls-verify=false", "oci:\(layout):v1", "docker://\(name)"])
    let storage = [
      "--root", registry.folder.file("storage"), "--runroot", registry.folder.file("run"), "--storage-driver", "vfs",
    ]
    let result = try ChildProcess.run(["podman"] + storage + ["pull", "--tls-verify=false", name])
    #expect(result.status == 0, "\(result.output)")
  }
}
