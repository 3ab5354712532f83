import SematicFiles
import SematicOCI
import SematicPython
import TestSupport
import Testing

@Suite struct RequirementsFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("requirements") }

  private func digest() throws -> String { try RequirementsFile(folder.file("requirements.txt")).digest.hex }

  @Test func `files that are included, wheels and folders of links count as their content`() throws {
    try folder.write(
      "requirements.txt",
      "-r more/base.txt\n--constraint=limits.txt\n-f links\n./a-1.0-py3-none-any.whl[extra]\nb @ file://\(folder.path)/b.whl\n"
    )
    try folder.write("more/base.txt", "c\n-r deep.txt\n")
    for name in ["more/deep.txt", "limits.txt", "links/x.whl", "a-1.0-py3-none-any.whl", "b.whl"] {
      try folder.write(name, "1")
    }
    var known: Set = [try digest()]
    #expect(try known.contains(digest()))
    for name in ["more/base.txt", "more/deep.txt", "limits.txt", "links/x.whl", "a-1.0-py3-none-any.whl", "b.whl"] {
      try folder.write(name, "22")
      #expect(try known.insert(digest()).inserted, "\(name) does not count")
      if name == "more/base.txt" {
        try folder.write(name, "-r deep.txt\n")
        known.insert(try digest())
      }
    }
    #expect(try RequirementsFile(folder.file("requirements.txt")).isSettled)
  }

  @Test(arguments: [".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf"])
  func `pip's configuration counts, where Linux has it and where macOS does`(file: String) throws {
    let requirements = try folder.write("requirements.txt", "a\n")
    func digest() throws -> Digest {
      try RequirementsFile(requirements, environment: ["HOME": folder.file("home")]).digest
    }
    let without = try digest()
    try folder.write("home/" + file, "[global]\nindex-url = http://one\n")
    let one = try digest()
    try folder.write("home/" + file, "[global]\nindex-url = http://two\n")
    #expect(try Set([without, one, digest()]).count == 3)
  }

  @Test func `files that include each other are read once`() throws {
    try folder.write("requirements.txt", "-r other.txt\n")
    try folder.write("other.txt", "-rrequirements.txt\n")
    #expect(try RequirementsFile(folder.file("requirements.txt")).isSettled)
  }

  @Test(arguments: ["./source", "-e ./source", "--editable=./source[extra]", "-e file:./source"])
  func `a folder of sources counts by its files, without what tools leave in it`(line: String) throws {
    try folder.write("requirements.txt", line + "\n")
    try folder.write("source/setup.py", "")
    var known: Set = [try digest()]
    for made in [
      "build/lib/a.py", "a.egg-info/PKG-INFO", "a/__pycache__/b.pyc", ".git/HEAD", "venv/pyvenv.cfg", "venv/a.py",
    ] {
      try folder.write("source/" + made, "")
      #expect(try known.contains(digest()), "\(made) counts")
    }
    for (name, text) in [("setup.py", "1"), ("a/b.py", ""), ("a/build/c.py", "")] {
      try folder.write("source/" + name, text)
      #expect(try known.insert(digest()).inserted, "\(name) does not count")
    }
    #expect(try RequirementsFile(folder.file("requirements.txt")).isSettled)
  }

  @Test(arguments: [
    "git+https://example.com/a.git", "-e git+https://example.com/a.git#egg=a", "-r https://example.com/r",
  ])
  func `sources cannot be told by a look`(line: String) throws {
    try FileTree.createDirectory(folder.file("source"))
    try folder.write("requirements.txt", line + "\n")
    #expect(try !RequirementsFile(folder.file("requirements.txt")).isSettled)
  }

  @Test(arguments: ["source", "source>=1.0  # ./source", "# -e .", "a @ https://example.com/a-1.0-py3-none-any.whl"])
  func `a name is no path, and a comment is nothing`(line: String) throws {
    try FileTree.createDirectory(folder.file("source"))
    try folder.write("requirements.txt", line + "\n")
    #expect(try RequirementsFile(folder.file("requirements.txt")).isSettled)
  }

  @Test func `a file that is not there is named`() throws {
    let error = try #require(throws: FileError.self) { try RequirementsFile(folder.file("none.txt")) }
    #expect(error.path == folder.file("none.txt"))
  }
}
