import Foundation
import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct ImagePlanContentTests {
  let product: CraftedProduct
  let folder: TemporaryFolder
  let base = ImagePlan.Base.image(ImageConfiguration(platform: Platform(architecture: "amd64")))

  init() throws {
    product = try CraftedProduct()
    folder = product.folder
    try folder.write("data.csv", "1")
  }

  private func data(_ destination: String, _ source: String = "data.csv") -> ImageSettings {
    ImageSettings(data: [.init(source: folder.file(source), destination: destination)])
  }

  private func failure(_ settings: ImageSettings, scratch: Bool = false) throws -> String {
    try #require(throws: ImagePlanError.self) {
      scratch ? try product.scratchPlan(settings) : try product.plan(base, settings)
    }.description
  }

  @Test(arguments: [
    ("/sematic/bin/App", "the program App"), ("/sematic/entrypoint", "the entrypoint"),
    ("../bin/libShapes.so", "the library BUILD/build/libShapes.so"),
    ("/sematic/bin/app_App.resources/a.txt", "the resource bundle BUILD/build/app_App.resources"),
    ("/sematic/bin", "the program's folder"),
  ])
  func `data that would replace something of ours is refused, naming both`(destination: String, other: String) throws {
    let path = FileTree.absolute(destination, from: "/sematic/app").dropFirst()
    #expect(
      try failure(data(destination))
        == "\(other.replacingOccurrences(of: "BUILD", with: folder.path)) and the data \(folder.file("data.csv")) would "
        + "both be /\(path) in the image")
  }

  @Test func `data below a file is refused`() throws {
    #expect(
      try failure(data("/sematic/bin/App/x.csv")) == "the program App and a folder for the data "
        + "\(folder.file("data.csv")) would both be /sematic/bin/App in the image")
  }

  @Test func `two files of data at one place are refused, but Unicode's forms are two places`() throws {
    try folder.write("other.csv", "2")
    func settings(_ first: String, _ second: String) -> ImageSettings {
      ImageSettings(data: [
        .init(source: folder.file("data.csv"), destination: first),
        .init(source: folder.file("other.csv"), destination: second),
      ])
    }
    #expect(
      try failure(settings("x", "./y/../x")) == "the data \(folder.file("data.csv")) and the data "
        + "\(folder.file("other.csv")) would both be /sematic/app/x in the image")
    let plan = try product.plan(base, settings("\u{e4}", "a\u{308}"))
    #expect(plan.layers.flatMap(\.files).count { $0.path == "sematic/app/\u{e4}" } == 2)
  }

  @Test(arguments: [
    ("/proc/x", "/proc belongs to the kernel while the container runs"),
    ("/sys", "/sys belongs to the kernel while the container runs"),
    ("../../dev/x", "/dev belongs to the kernel while the container runs"), ("..//..", "it is the root folder"),
    ("/lib/x", "/lib is a symbolic link in most bases; use /usr/lib"),
    ("/var/run/x", "/var/run is a symbolic link in most bases; use /run"),
    ("a/.wh.b", "a name that begins with .wh. deletes files in a layer"),
    ("/a\u{0}b", "it has a zero byte"),
  ])
  func `places where nothing can be put are refused`(destination: String, problem: String) throws {
    let path = FileTree.absolute(destination, from: "/sematic/app")
    #expect(
      try failure(data(destination))
        == "the data \(folder.file("data.csv")) cannot be \(path) in the image: \(problem)")
  }

  @Test func `folders of the base that lead to data are not named, so that they stay as they are`() throws {
    let plan = try product.plan(base, data("/home/worker/x/data.csv"))
    let paths = plan.layers.first { $0.kind == .data }?.files.map(\.path)
    #expect(paths?.filter { !$0.hasPrefix("sematic") } == ["home/worker/x/data.csv"])
    let scratch = try product.scratchPlan(data("/lib/worker/data.csv"))
    let entries = scratch.layers.first { $0.kind == .data }?.files.map(\.path).filter { !$0.hasPrefix("sematic") }
    #expect(entries == ["lib", "lib/worker", "lib/worker/data.csv"])
  }

  @Test func `a folder of data comes with all that is in it, empty folders too`() throws {
    try folder.write("tree/b/x", "x")
    try folder.write("tree/a", "x")
    try FileTree.createDirectory(folder.file("tree/empty"))
    let plan = try product.plan(base, data("/srv/tree/", "tree"))
    let paths = plan.layers.first { $0.kind == .data }?.files.map(\.path).filter { $0.hasPrefix("srv") }
    #expect(paths == ["srv/tree/tree/a", "srv/tree/tree/b/x", "srv/tree/tree/empty"])
  }

  @Test func `an empty folder of data is there`() throws {
    try folder.write("logs/.gitkeep", "")
    let item = ImageSettings.DataItem(source: folder.file("logs"), destination: "logs", isEmptyFolder: true)
    let plan = try product.plan(base, ImageSettings(data: [item]))
    #expect(plan.layers.first { $0.kind == .data }?.files.last?.path == "sematic/app/logs")
  }

  @Test(arguments: ["/etc/passwd", "../../secret", "a/../../.."])
  func `a link that leaves its folder is refused`(destination: String) throws {
    try FileTree.symbolicLink(at: folder.file("build/app_App.resources/bin/leaving"), to: destination)
    #expect(
      try failure(ImageSettings())
        == "\(folder.file("build/app_App.resources"))/bin/leaving cannot be put into the image: it is a symbolic link "
        + "to \(destination), out of app_App.resources")
  }

  @Test func `what is neither file, folder nor link is refused`() throws {
    #expect(mkfifo(folder.file("build/app_App.resources/pipe"), 0o600) == 0)
    #expect(
      try failure(ImageSettings()) == "\(folder.file("build/app_App.resources"))/pipe cannot be put into the image: "
        + "it is neither file nor folder nor symbolic link")
  }

  @Test func `a resource bundle cannot be named as the program`() throws {
    var named = product
    named.name = "app_App.resources"
    let error = try #require(throws: ImagePlanError.self) { try named.plan(base) }
    #expect(
      error.description == "the program app_App.resources and the resource bundle "
        + "\(folder.file("build/app_App.resources")) would both be /sematic/bin/app_App.resources in the image")
  }
}
