import SematicConfiguration
import SematicFiles
import TestSupport
import Testing

/// Paths that begin with `//`, in a package that is not at the root of its git repository.
struct RepositoryPathTests {
  let repository: TemporaryFolder
  private var package: String { repository.file("pipelines/train") }

  init() throws {
    repository = try TemporaryFolder("repository")
    try FileTree.createDirectory(repository.file(".git"))
    for file in ["shared/a.csv", "shared/deep/b.csv", "requirements/base.txt", "pipelines/train/shared/a.csv"] {
      try repository.write(file, file)
    }
  }

  private func pipeline(_ lines: String) throws -> PipelineConfiguration {
    try repository.write("pipelines/train/sematic.yaml", settings(lines))
    return try PipelineFile.load(
      package: package, packageName: "train", executableProducts: ["train"],
      builtinDescriptors: SamplePackage.templates
    ).pipeline(named: nil)
  }

  private func mistake(_ lines: String) -> String {
    do {
      _ = try pipeline(lines)
      return "none"
    } catch {
      return "\(error)".replacing(repository.path, with: "REPOSITORY")
    }
  }

  @Test func `Data of the repository keep their paths in it, and can be put elsewhere`() throws {
    let data = try pipeline("data: ['//shared/**/b.csv', shared/a.csv, {from: //shared, to: /data}]").data
    #expect(
      data.map(\.relativePath) == ["//shared/a.csv", "//shared/deep/b.csv", "//shared/deep/b.csv", "shared/a.csv"])
    #expect(data.map(\.destination) == ["/data/a.csv", "/data/deep/b.csv", "shared/deep/b.csv", nil])
    #expect(
      data.map(\.source) == [
        repository.file("shared/a.csv"), repository.file("shared/deep/b.csv"), repository.file("shared/deep/b.csv"),
        package + "/shared/a.csv",
      ])
  }

  @Test func `Two files for one place are told apart`() {
    #expect(
      mistake("data: [shared/a.csv, //shared/a.csv]")
        == "sematic.yaml:4: data: '//shared/a.csv' and 'shared/a.csv' (sematic.yaml:4) would both be 'shared/a.csv' in the "
        + "image")
  }

  @Test func `Requirements and bases can be the repository's`() throws {
    try repository.write("bases/worker/oci-layout", "{}")
    try repository.write("tools/choose", "#!/bin/sh\ncat shared/reference\n", mode: 0o755)
    try repository.write("shared/reference", "oci://bases/worker:1\n")
    let chosen = try pipeline(
      "requirements: //requirements/base.txt\nbase: oci://bases/worker\nbases: {other: {script: //tools/choose}}")
    #expect(chosen.requirements?.file.path == repository.file("requirements/base.txt"))
    #expect(chosen.requirements?.file.relativePath == "//requirements/base.txt")
    #expect(
      chosen.bases.map(\.source) == [
        .layout(path: repository.file("bases/worker"), reference: nil),
        .layout(path: repository.file("bases/worker"), reference: "1"),
      ])
    #expect(chosen.bases.map(\.written) == ["oci://bases/worker", "oci://bases/worker:1"])
    let text = try chosen.buildConfiguration()
    #expect(text.contains("requirements: //requirements/base.txt\n"), "\(text)")
    #expect(text.contains("default: oci://bases/worker\n"), "\(text)")
  }

  @Test(arguments: [
    ("data: [//none/*]", "sematic.yaml:4: data: '//none/*' matches no file of the repository"),
    ("data: [//../x]", "sematic.yaml:4: data: '//../x' must not have '..'"),
    ("requirements: //none.txt", "sematic.yaml:4: requirements: there is no file 'none.txt' in the repository"),
    (
      "requirements: //out.txt",
      "sematic.yaml:4: requirements: 'out.txt' leaves the repository by a symbolic link, to /etc/hosts"
    ),
    ("script: //x.py", "sematic.yaml:4: script: '//x.py' is outside of the package: sources cannot be"),
    (
      "base: oci://shared",
      "sematic.yaml:4: there is no OCI layout at '//shared': it must be a folder with a file "
        + "'oci-layout'"
    ),
  ])
  func `A mistake is told with its place`(lines: String, message: String) throws {
    try FileTree.symbolicLink(at: repository.file("out.txt"), to: "/etc/hosts")
    #expect(mistake(lines) == message)
  }

  @Test func `A worktree has a file of that name`() throws {
    try repository.write("pipelines/.git", "gitdir: elsewhere\n")
    #expect(try pipeline("data: [//train/shared/a.csv]").data.map(\.source) == [package + "/shared/a.csv"])
  }

  @Test func `Without a repository there are no such paths`() throws {
    let sample = try SamplePackage(settings("data: [//x]"))
    #expect(
      sample.mistake()
        == "sematic.yaml:4: data: '//x' is a path from the root of a git repository, and the package is in none: write it "
        + "without '//'")
  }
}
