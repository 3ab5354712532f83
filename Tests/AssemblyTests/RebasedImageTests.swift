import SematicFiles
import SematicOCI
import TestSupport
import Testing

@testable import SematicAssembly

/// Images above a new base, by what their annotations say.
@Suite struct RebasedImageTests {
  private let product: CraftedProduct

  init() throws { product = try CraftedProduct() }

  private func base(_ number: Int, architecture: String = "amd64", variables: [String]) throws -> Image {
    var configuration = ImageConfiguration(platform: Platform(architecture: architecture))
    configuration.environment = variables
    configuration.command = ["sh"]
    configuration.user = "base-\(number)"
    configuration.labels = ["base": "\(number)", "shared": "\(number)"]
    let digest = try Digest.of([UInt8(number)])
    let layers = try (0...number).map { index in
      Layer(
        descriptor: Descriptor(mediaType: .layerGzip, digest: try Digest.of([UInt8(number), UInt8(index)]), size: 1),
        diffID: try Digest.of([UInt8(number), UInt8(index), 0]), content: .base, createdBy: "base")
    }
    return Image(configuration: configuration, layers: []).appending(layers)
      .annotated(Image.annotations(ofBase: digest, name: number == 3 ? nil : "r.io/base:\(number)"))
  }

  private func built(on base: Image, _ settings: ImageSettings) throws -> Image {
    let plan = try product.plan(.image(base.configuration), settings)
    return try plan.apply(
      to: base,
      layers: plan.layers.enumerated().map { index, layer in
        let digest = try Digest.of([99, UInt8(index)])
        return Layer(
          descriptor: Descriptor(mediaType: .layerGzip, digest: digest, size: 5), diffID: digest, content: .base,
          createdBy: layer.createdBy)
      })
  }

  private func rebased(
    _ image: Image, onto base: Image, cLibrary: String?? = nil, cppVersions: [String] = [],
    python: (ImageOverlay.Python?) -> BasePythonVersion? = { _ in nil }
  ) throws -> Image {
    try image.rebased(onto: base, named: "new", name: "app") { _ in
      cLibrary.map { BaseSystem(name: "new", cLibrary: $0, cppVersions: cppVersions) }
    } python: { need in
      python(need)
    }
  }

  private var bases: [Image] {
    get throws {
      [
        try base(1, variables: ["PATH=/usr/bin", "A=1", "SWIFT_BACKTRACE=color=no"]),
        try base(2, variables: ["A=2", "B=2", "PATH=/opt/bin:/sematic/bin:/bin", "LD_LIBRARY_PATH=/opt/lib"]),
        try base(3, variables: []),
      ]
    }
  }

  @Test(arguments: [false, true]) func `a rebased image is what a build above the new base makes`(isRich: Bool) throws {
    var settings = ImageSettings()
    if isRich {
      settings = ImageSettings(
        environment: ["A": "ours", "PATH": "/ours", "Z": "z"], labels: ["shared": "ours"], annotations: ["c": "d"],
        user: "1000", workingDirectory: "/work", created: try CreationTime(sourceDateEpoch: "1700000000"))
    }
    for old in try bases {
      let image = try built(on: old, settings)
      for new in try bases {
        let expected = try built(on: new, settings)
        let rebased = try rebased(image, onto: new, cLibrary: "GLIBC_2.35")
        #expect(rebased.configuration == expected.configuration)
        #expect(rebased == expected)
        #expect(try rebased.encoded() == expected.encoded())
      }
    }
  }

  @Test func `a base that does not fit is refused`() throws {
    let image = try built(on: base(1, variables: []), ImageSettings())
    let new = try base(2, variables: [])
    #expect(throws: RebaseError.oldLibrary("app", need: "GLIBC_2.35", base: "new", present: "GLIBC_2.31")) {
      try rebased(image, onto: new, cLibrary: "GLIBC_2.31")
    }
    #expect(throws: RebaseError.noLibrary("app", need: "GLIBC_2.35", base: "new")) {
      try rebased(image, onto: new, cLibrary: .some(nil))
    }
    let cpp = image.annotated([
      ImageOverlay.annotation: #"{"layers": 1, "needs": ["CXXABI_1.3.9", "GLIBC_2.2", "GLIBCXX_3.4.29"]}"#
    ])
    func check(_ versions: String...) throws {
      _ = try rebased(cpp, onto: new, cLibrary: "GLIBC_2.9", cppVersions: versions)
    }
    try check("GLIBCXX_3.4.30", "CXXABI_1.3.13")
    let old = #expect(throws: RebaseError.self) { try check("GLIBCXX_3.4.9", "CXXABI_1.3.13") }
    #expect(old?.description == "cannot rebase app: it needs GLIBCXX_3.4.29, and new has GLIBCXX_3.4.9 at most")
    #expect(throws: RebaseError.oldLibrary("app", need: "CXXABI_1.3.9", base: "new", present: "CXXABI_1.3")) {
      try check("GLIBCXX_3.4.30", "CXXABI_1.3")
    }
    let none = #expect(throws: RebaseError.self) { try check() }
    #expect(none?.description == "cannot rebase app: it needs GLIBCXX_3.4.29, and new has no GNU C++ library")
    // Nobody can look into it.
    #expect(try rebased(image, onto: new).layers.count == image.layers.count + 1)
    let arm = try base(2, architecture: "arm64", variables: [])
    let error = #expect(throws: RebaseError.self) { try rebased(image, onto: arm) }
    #expect(error?.description == "cannot rebase app, which is for linux/amd64, onto new, which is for linux/arm64")
    let many = Image(
      configuration: new.configuration, layers: Array(repeating: new.layers[0], count: ImagePlan.mostLayers),
      annotations: new.annotations)
    #expect(throws: ImagePlanError.self) { try rebased(image, onto: many) }
  }

  @Test(arguments: [
    "", "{", "[]", "{}", #"{"layers": "1"}"#, #"{"layers": -1}"#, #"{"layers": 1.5}"#, #"{"layers": 1000}"#,
    #"{"layers": 0}"#, #"{"layers": 99999999999999999999}"#, #"{"layers": 1, "version": 2}"#, #"{"layers": 100}"#,
    #"{"layers": 1, "env": {"A": 1}}"#,
    #"{"layers": 1, "env": []}"#, #"{"layers": 1, "labels": {"a": null}}"#, #"{"layers": 1, "user": 0}"#,
    #"{"layers": 1, "leading": {"PATH": "x"}}"#, #"{"layers": 1, "leading": ["PATH"]}"#,
    #"{"layers": 1, "needs": [35]}"#, #"{"layers": 1, "backtracer": {}}"#,
    #"{"layers": 1, "python": "3.11"}"#, #"{"layers": 1, "python": {}}"#, #"{"layers": 1, "python": null}"#,
    #"{"layers": 1, "python": {"version": "3.11"}}"#, #"{"layers": 1, "python": {"version": 3.11, "path": "/p"}}"#,
    #"{"layers": 1, "python": {"version": "3", "path": "/p"}}"#,
    #"{"layers": 1, "python": {"version": "3.11.1", "path": "/p"}}"#,
    #"{"layers": 1, "python": {"version": "3.-1", "path": "/p"}}"#,
    #"{"layers": 1, "python": {"version": "3.1111", "path": "/p"}}"#,
    #"{"layers": 1, "python": {"version": "3.11", "path": "p"}}"#,
    #"{"layers": 1, "python": {"version": "3.11", "path": "/p\u001b[2J"}}"#,
    #"{"layers": 1, "python": {"version": "3.11", "path": "/p", "abi": "x"}}"#,
  ])
  func `an annotation that cannot be true is an error`(record: String) throws {
    let image = try built(on: base(1, variables: []), ImageSettings()).annotated([ImageOverlay.annotation: record])
    let error = #expect(throws: RebaseError.self) { try rebased(image, onto: base(2, variables: [])) }
    guard case .malformed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.hint != nil)
  }

  @Test func `packages of one Python are not put above another, or none`() throws {
    let folder = FileTree.parent(of: try product.folder.write("packages/lib.py", ""))
    let need = ImageOverlay.Python(version: "3.11", path: "/opt/python3")
    var settings = ImageSettings(pythonPackages: folder)
    let (old, new) = (try base(1, variables: []), try base(2, variables: []))
    let earlier = try built(on: old, settings)
    settings.python = need
    let image = try built(on: old, settings)
    func asked(_ image: Image, _ answer: BasePythonVersion?) throws -> [ImageOverlay.Python?] {
      var asked: [ImageOverlay.Python?] = []
      let result = try rebased(image, onto: new) {
        asked.append($0)
        return answer
      }
      #expect(result.layers.count > new.layers.count)
      return asked
    }
    #expect(try asked(image, BasePythonVersion("3.11")) == [need])
    #expect(try asked(image, nil) == [need])
    let other = #expect(throws: RebaseError.self) { try asked(image, BasePythonVersion("3.1")) }
    #expect(other?.description == "cannot rebase app: its Python packages are for Python 3.11, and new has Python 3.1")
    let none = #expect(throws: RebaseError.self) { try asked(image, BasePythonVersion(nil)) }
    #expect(
      none?.description == "cannot rebase app: its Python packages are for Python 3.11, and new has no /opt/python3")
    #expect(none?.hint?.hasPrefix("choose a base with Python 3.11 at /opt/python3, or build it anew: ") == true)
    // One of an earlier version of this tool does not say which Python it needs.
    #expect(try asked(earlier, BasePythonVersion(nil)) == [nil])
    #expect(try asked(built(on: old, ImageSettings()), BasePythonVersion(nil)).isEmpty)
  }

  @Test func `a layer of the base is not the image's own, whatever the annotation says`() throws {
    let base = try base(1, variables: [])
    let image = try built(on: base, ImageSettings())
    let own = image.layers.count - base.layers.count
    for (count, isTrue) in [
      (own, true), (own + 1, false), (image.layers.count, false), (image.layers.count + 1, false),
    ] {
      let told = image.annotated([ImageOverlay.annotation: #"{"layers": \#(count)}"#])
      if isTrue {
        _ = try rebased(told, onto: base)
      } else {
        let error = #expect(throws: RebaseError.self) { try rebased(told, onto: base) }
        #expect(
          error?.description.contains("it says that \(count) of its \(image.layers.count) layers are its own") == true)
      }
    }
  }

  @Test func `an image that does not say what is its own cannot be rebased`() throws {
    let image = try built(on: base(1, variables: []), ImageSettings())
    let old = Image(
      configuration: image.configuration, layers: image.layers,
      annotations: image.annotations.filter { $0.key != ImageOverlay.annotation })
    #expect(throws: RebaseError.noRecord("app")) { try rebased(old, onto: base(2, variables: [])) }
    let scratch = try product.scratchPlan().apply(to: .scratch(Platform(architecture: "amd64")), layers: [])
    #expect(scratch.annotations.isEmpty)
    #expect(throws: RebaseError.noBase("app")) { try rebased(scratch, onto: base(2, variables: [])) }
  }

  @Test func `what an image has beyond its annotation is not trusted`() throws {
    // Neither a history nor a time, and a list of folders that no build writes.
    var configuration = try built(on: base(1, variables: []), ImageSettings()).configuration
    var document = configuration.document
    document["history"] = .array([.string("x")])
    document["created"] = .string("now\n")
    configuration = try ImageConfiguration(bytes: canonicalJSON(document))
    let image = try built(on: base(1, variables: []), ImageSettings())
    let odd = Image(configuration: configuration, layers: image.layers, annotations: image.annotations)
    let result = try rebased(odd, onto: base(2, variables: []))
    #expect(result.configuration.document["created"] == .string(CreationTime.fixed.text))
    #expect(result.configuration.diffIDs.count == result.layers.count)
    let named = odd.annotated([ImageOverlay.annotation: #"{"layers": 1, "leading": {"IFS": ["x"]}}"#])
    #expect(try rebased(named, onto: base(2, variables: [])).configuration.environmentValue("IFS") == nil)
  }
}
