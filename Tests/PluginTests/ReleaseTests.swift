import Foundation
import SematicFiles
import TestSupport
import Testing

/// A release as .github/release makes it, in a package that depends on it.
@Suite(
  .enabled(if: ReleaseBundle.isAvailable && TLSProxy.isAvailable && ChildProcess.canRun("git", "unshare", "mount")),
  .ownThread)
struct ReleaseTests {
  private let bundle: ReleaseBundle
  private let folder: TemporaryFolder
  /// What is served, and the server: SwiftPM downloads by https only.
  private let files: ChildProcess
  private let proxy: TLSProxy
  private var repository: String { folder.file("swift-sematic") }
  private var package: String { folder.file("word-count") }

  init() throws {
    bundle = try .made()
    folder = try TemporaryFolder("release")
    try FileTree.createDirectory(folder.file("served"))
    let output = folder.file("server.log")
    files = try ChildProcess(
      ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.file("served")],
      output: output)
    let port = try files.waitUntil(output) { $0.firstMatch(of: /port (\d+)/).flatMap { UInt16($0.1) } }
    proxy = try TLSProxy(port: port)
    // The system's authorities, and the server's.
    let authorities = try FileTree.read(Self.authorities) + [10] + FileTree.read(proxy.certificate.authority)
    try folder.write("authorities.pem", authorities)

    // What is to be tested, committed or not.
    try git(["clone", "--quiet", StarterCopy.repository, repository])
    let tree = ["--git-dir", repository + "/.git", "--work-tree", StarterCopy.repository]
    try git(tree + ["add", "--all"])
    try git(tree + ["commit", "--quiet", "--allow-empty", "--message", "Changes"])
    try git(["-C", repository, "reset", "--quiet", "--hard"])
  }

  private static let authorities = "/etc/ssl/certs/ca-certificates.crt"
  private static let environment = SwiftPackageRun.environment.merging(StarterCopy.credentials) { $1 }.merging([
    "no_proxy": "127.0.0.1,localhost", "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@localhost",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@localhost",
  ]) { $1 }

  private func git(_ arguments: [String]) throws {
    let result = try ChildProcess.run(["git"] + arguments, environment: Self.environment)
    guard result.status == 0 else { throw ChildProcess.Failure("git \(arguments): \(result.output)") }
  }

  private var served: String { folder.file("served/ImageTool.artifactbundle.zip") }

  private func prepare(_ zip: String, url: String) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [repository + "/.github/release/prepare", ReleaseBundle.version, "--bundle", zip, "--url", url],
      environment: Self.environment)
  }

  /// Tags the release, and serves its bundle, as if it had been made of the clone's commit.
  private func release(_ zip: String) throws {
    let notes = String(decoding: try FileTree.read(bundle.folder + "/ImageTool.version"), as: UTF8.self)
    let commit = try #require(notes.firstMatch(of: /\(commit [^,]*,/)).output
    let head = try ChildProcess.run(["git", "-C", repository, "rev-parse", "HEAD"], environment: Self.environment)
    _ = try changed(
      String(commit), "(commit \(head.output.prefix(12)),", in: zip, to: "served/" + FileTree.name(of: served))
    let result = try prepare(served, url: "\(proxy.address)/\(FileTree.name(of: served))")
    guard result.status == 0 else { throw ChildProcess.Failure("prepare: \(result.output)") }
  }

  /// The bundle, with other texts in what it says of itself.
  private func changed(
    _ old: String, _ new: String, in zip: String? = nil, to name: String = "changed.zip"
  ) throws -> String {
    let script = """
      import sys, zipfile
      old, new, source, target = sys.argv[1:]
      with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
          for entry in archive.infolist():
              data = archive.read(entry)
              if entry.filename.endswith((".json", ".version")):
                  data = data.replace(old.encode(), new.encode())
              entry.filename = entry.filename.replace(old, new)
              copy.writestr(entry, data)
      """
    let file = folder.file(name)
    let result = try ChildProcess.run(["python3", "-c", script, old, new, zip ?? bundle.zip, file])
    guard result.status == 0 else { throw ChildProcess.Failure(result.output) }
    return file
  }

  private func start(dependency: String) throws {
    let copied = try ChildProcess.run(["cp", "-a", StarterCopy.repository + "/Templates/starter", package])
    guard copied.status == 0 else { throw ChildProcess.Failure(copied.output) }
    try? FileTree.remove(package + "/.build")
    try? FileTree.remove(package + "/Package.resolved")
    let manifest = String(decoding: try FileTree.read(package + "/Package.swift"), as: UTF8.self)
    let changed = manifest.replacing(".package(name: \"swift-sematic\", path: \"../..\")", with: dependency)
    try folder.write("word-count/Package.swift", changed)
  }

  /// `swift package` in a mount namespace of its own, where the server's certificate is one of the system's.
  private func swiftPackage(
    _ arguments: [String], in path: String? = nil, environment: [String: String] = [:]
  ) throws -> ChildProcess.Result {
    let script = "mount --bind \"$1\" \(Self.authorities) && shift && exec swift package \"$@\""
    return try ChildProcess.run(
      ["unshare", geteuid() == 0 ? "--mount" : "--map-root-user", "--mount", "sh", "-c", script, "sh"]
        + [folder.file("authorities.pem")] + arguments,
      environment: Self.environment.merging(environment) { $1 }, folder: path ?? package)
  }

  @Test func `A release is downloaded, and used by all four verbs, with nothing to compile`() throws {
    try release(bundle.zip)
    try start(dependency: ".package(url: \"\(repository)\", from: \"9.9.9\")")
    func check(_ verb: [String], prints line: String) throws {
      let result = try swiftPackage(["--disable-dependency-cache"] + verb)
      #expect(result.status == 0 && result.output.contains(line), "\(verb): \(result.output)")
      #expect(!result.output.contains("SematicOCI"), "\(result.output)")
    }
    try check(["build-image", "--base", "scratch"], prints: "oci:")
    try check(["push-image", "--base", "scratch"], prints: "@sha256:")
    try check(["run-local"], prints: "no image")
    try UsualPort.take { try check(["run-pipeline", "--base", "scratch"], prints: "@sha256:") }
    #expect(try FileTree.names(in: package + "/.build/checkouts") == ["swift-sematic"])
    let version = try ChildProcess.run([package + "/.build/swift-sematic/ImageTool", "--version"])
    #expect(version.output.hasPrefix("swift-sematic 9.9.9 (commit "), "\(version.output)")
    #expect(version.output.contains(", Swift "), "\(version.output)")
  }

  @Test func `A bundle that is not the release's is refused`() throws {
    try release(bundle.zip)
    try folder.write("served/" + FileTree.name(of: served), FileTree.read(served) + [0])
    try start(dependency: ".package(url: \"\(repository)\", from: \"9.9.9\")")
    let result = try swiftPackage(["--disable-dependency-cache", "build-image", "--base", "scratch"])
    #expect(result.status == 1 && result.output.contains("checksum"), "\(result.output)")
  }

  @Test func `A bundle of another commit, or for an address that is none, is not released`() throws {
    let other = try prepare(bundle.zip, url: proxy.address)
    #expect(other.status == 1 && other.output.contains("and HEAD is"), "\(other.output)")
    try release(bundle.zip)
    try git(["-C", repository, "tag", "--delete", ReleaseBundle.version])
    let quoted = try prepare(served, url: "\(proxy.address)/\"")
    #expect(quoted.status == 1 && quoted.output.contains("has no quotes"), "\(quoted.output)")
    let tags = try ChildProcess.run(["git", "-C", repository, "tag", "--list", ReleaseBundle.version])
    #expect(tags.output.isEmpty, "\(tags.output)")
  }

  @Test func `The sources are taken where the tool would not run, and if one wants them`() throws {
    let other = try changed(FileTree.name(of: bundle.folder), "riscv64-unknown-linux-gnu")
    let newer = try changed("GLIBC_2.", "GLIBC_9.", to: "newer.zip")
    for (zip, variables, kind) in [
      (bundle.zip, [:], "binary"), (bundle.zip, ["SEMATIC_IMAGE_TOOL": "source"], "executable"),
      (other, [:], "executable"), (newer, [:], "executable"),
    ] {
      try release(zip)
      try git(["-C", repository, "checkout", "--quiet", ReleaseBundle.version])
      let dump = try swiftPackage(["dump-package"], in: repository, environment: variables)
      let start = try #require(dump.output.firstIndex(of: "{"), "\(dump.output)")
      let manifest = try JSONDecoder().decode(Manifest.self, from: Data(dump.output[start...].utf8))
      #expect(manifest.targets.first { $0.name == "ImageTool" }?.type == kind, "\(zip) \(variables)")
      try git(["-C", repository, "checkout", "--quiet", "-"])
      try git(["-C", repository, "tag", "--delete", ReleaseBundle.version])
    }
  }

  private struct Manifest: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
    }
    let targets: [Target]
  }

  @Test func `On a platform that the release has no tool for, it is compiled`() throws {
    try release(changed(FileTree.name(of: bundle.folder), "riscv64-unknown-linux-gnu"))
    try start(dependency: ".package(url: \"\(repository)\", from: \"9.9.9\")")
    let result = try swiftPackage(["run-local"])
    #expect(result.status == 0 && result.output.contains("no image"), "\(result.output)")
    let version = try ChildProcess.run([package + "/.build/swift-sematic/ImageTool", "--version"])
    #expect(version.output.hasPrefix("swift-sematic 9.9.9 (commit "), "\(version.output)")
  }

  @Test func `A tool of one's own takes the place of the sources, by its path`() throws {
    try start(dependency: ".package(name: \"swift-sematic\", path: \"../swift-sematic\")")
    let name = "ImageTool.artifactbundle"
    try FileTree.symbolicLink(at: folder.file(name), to: FileTree.parent(of: bundle.folder))
    for path in ["../\(name)", folder.file(name)] {
      let result = try swiftPackage(["build-image", "--base", "scratch"], environment: ["SEMATIC_IMAGE_TOOL": path])
      #expect(result.status == 0 && result.output.contains("oci:"), "\(path): \(result.output)")
      #expect(!result.output.contains("SematicOCI"), "\(result.output)")
    }
  }
}
