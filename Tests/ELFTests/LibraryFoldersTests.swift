import TestSupport
import Testing

@testable import SematicELF

@Suite struct LibraryFoldersTests {
  @Test func `a configuration names folders, and others that do`() throws {
    let folder = try TemporaryFolder("ld.so")
    let main = try folder.write(
      "ld.so.conf", "/opt/a/lib # ours\n\ninclude conf.d/*.conf\n# /opt/none\nhwcap 1 x\n/opt/z/lib,/opt/y/lib\n")
    try folder.write("conf.d/2.conf", "/opt/c/lib\n")
    try folder.write("conf.d/1.conf", "/opt/b/lib\ninclude \(main)\n")
    try folder.write("conf.d/other", "/opt/none\n")
    let folders = try LibraryFolders.configured(main)
    // A file that includes itself is read once.
    #expect(folders == ["/opt/a/lib", "/opt/b/lib", "/opt/c/lib", "/opt/z/lib", "/opt/y/lib"])
    #expect(!folders.contains("/opt/none"))
  }

  @Test func `a missing configuration names none`() throws {
    #expect(try LibraryFolders.configured("/nonexistent/ld.so.conf").isEmpty)
  }

  @Test func `this machine's folders hold the C library of its own programs`() throws {
    let shell = try ElfFile("/bin/sh")
    let closure = try LibraryResolver(.here(for: shell.machine)).resolve(shell)
    #expect(closure.missing.isEmpty)
    #expect(closure.libraries.allSatisfy { $0.origin == .system })
    #expect(closure.libraries.contains { $0.name.hasPrefix("libc.") })
  }
}
