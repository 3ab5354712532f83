import SematicFiles
import TestSupport
import Testing

@testable import SematicInventory

@Suite struct DebianPackagesTests {
  private let root: TemporaryFolder

  init() throws {
    root = try TemporaryFolder("debian")
    try root.write(
      "var/lib/dpkg/status",
      """
      Package: libone1
      Status: install ok installed
      Architecture: amd64
      Version: 1:1.0-1+b1
      Description: one
       Package: nobody

      Package: libone1
      Architecture: i386
      Version: 0.9

      Package: zones
      Architecture: all
      Version: 2025b
      """)
    try root.write("var/lib/dpkg/info/libone1:amd64.list", "/.\n/lib\n/lib/libone.so.1\n")
    try root.write("var/lib/dpkg/info/libone1:i386.list", "/.\n/lib/i386/libone.so.1\n")
    try root.write("var/lib/dpkg/info/zones.list", "/usr/share/zones\n/usr/share/zones/UTC\n/lib/libone.so.1\n")
    try root.write("var/lib/dpkg/info/lost.list", "/usr/share/lost\n\u{0}\n")
    try root.write("var/lib/dpkg/info/zones.md5sums", "/usr/share/nothing\n")
  }

  private func components(_ files: [String: String]) throws -> [Component] {
    let release = SystemRelease("NAME=x\nID=debian\nVERSION_ID=\"12\"\n")
    return try #require(DebianPackages(root: root.path, release: release)).components(of: files).sorted()
  }

  @Test func `files have the package that brought them, also by the older name of their folder`() throws {
    let found = try components([
      "a/libone.so.1": "/usr/lib/libone.so.1", "z/UTC": "/usr/share/zones/UTC", "x": "/other",
    ])
    #expect(found.map(\.name) == ["libone1", "zones"])
    #expect(found.map(\.files) == [["a/libone.so.1"], ["z/UTC"]])
    #expect(
      found.map(\.packageURL) == [
        "pkg:deb/debian/libone1@1%3A1.0-1%2Bb1?arch=amd64&distro=debian-12",
        "pkg:deb/debian/zones@2025b?arch=all&distro=debian-12",
      ])
  }

  @Test func `a link leads to the package of its file, and a circle of links to none`() throws {
    let link = root.file("link")
    let real = try root.write("real", "")
    try FileTree.symbolicLink(at: link, to: real)
    try root.write("var/lib/dpkg/info/real.list", try FileTree.resolved(real) + "\n")
    try FileTree.symbolicLink(at: root.file("circle"), to: root.file("circle"))
    let found = try components(["one": link, "two": root.file("circle"), "three": "/usr/share/lost"])
    #expect(found.map(\.name) == ["lost", "real"])
    #expect(found.map(\.version) == [nil, nil])
  }

  @Test func `a machine without dpkg has no such packages`() throws {
    let empty = try TemporaryFolder("no-dpkg")
    #expect(DebianPackages(root: empty.path, release: SystemRelease("")) == nil)
  }
}
