import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicConfiguration

struct BaseScriptTests {
  private func package(_ script: String, _ lines: String = "base: {script: ./tools/choose}", mode: UInt16 = 0o755)
    throws
    -> SamplePackage
  {
    let package = try SamplePackage(settings(lines))
    try FileTree.createDirectory(package.folder.file("tools"))
    try AtomicFile.write(Array("#!/bin/sh\n\(script)\n".utf8), to: package.folder.file("tools/choose"), mode: mode)
    return package
  }

  @Test func `A program of the package chooses the base, in the package's folder`() throws {
    let package = try package(
      "echo a comment >&2; read -r line; echo debian:$(ls | head -n 1)", "bases: {gpu: {script: tools/choose}}")
    let bases = try package.pipeline().bases
    #expect(bases.map(\.written) == ["worker-cuda", "debian:sematic.yaml"])
    #expect(try package.pipeline().buildConfiguration().contains("gpu: debian:sematic.yaml"))
    let other = try self.package("echo; echo '  worker-base '")
    #expect(try other.pipeline().bases.first?.descriptor?.name == "worker-base")
    // The command line's base is in the place of the program, which is not run.
    let failing = try self.package("exit 1")
    #expect(try failing.pipeline(nil, Overrides(bases: ["scratch"])).bases.map(\.source) == [.scratch])
  }

  @Test(arguments: [
    Mistake("exit 3", "'tools/choose' failed with status 3"),
    Mistake("echo x; echo why >&2; exit 1", "'tools/choose' failed with status 1: why"),
    Mistake("kill -9 $$", "'tools/choose' failed with status 137"),
    Mistake("", "'tools/choose' printed 0 lines: it must print one, the reference of a base"),
    Mistake("echo a; echo b", "'tools/choose' printed 2 lines: it must print one, the reference of a base"),
    Mistake(
      "echo worker-cudaa",
      "there is no base 'worker-cudaa': did you mean 'worker-cuda'?"
        + "\nhint: to use an image of that name from Docker Hub, write 'docker.io/library/worker-cudaa'"),
  ])
  func `What the program does wrong is said with the line of the setting`(_ mistake: Mistake) throws {
    #expect(try package(mistake.text).mistake() == "sematic.yaml:4: " + mistake.message)
  }

  @Test(arguments: [
    Mistake("base: {script: none}", "'none' cannot be read: No such file or directory"),
    Mistake("base: {script: ../x}", "'../x' leaves the package: write a path in the package's folder, without '..'"),
    Mistake("base: {scrpt: x}", "base: 'scrpt' is not a key of a base: write 'base: {script: ./choose-base}'"),
    Mistake("base: {}", "base: 'script' is missing: write 'base: {script: ./choose-base}'"),
    Mistake("base: [x]", "'base' must be text, not a list: write 'base: worker-base'"),
    Mistake(
      "base: {script: tools/choose}", "'tools/choose' cannot be run: Permission denied\nhint: chmod +x tools/choose"),
  ])
  func `What is no program of the package is an error`(_ mistake: Mistake) throws {
    let message = try package("", mistake.text, mode: 0o644).mistake()
    #expect(message.replacing("base: '../x'", with: "'../x'") == "sematic.yaml:4: " + mistake.message)
  }

  @Test func `A program that does not end is killed, with what it has started`() throws {
    let package = try package("sleep 100 & sleep 100")
    let script = try BaseScript("tools/choose", in: PackageFolder(package.folder.path), timeLimit: 0.2)
    let error = #expect(throws: MalformedSetting.self) { try script.printedReference() }
    #expect(error?.reason == "'tools/choose' did not end within 0 seconds")
  }
}
