import SematicAssembly
import SematicCheck
import SematicConfiguration
import SematicFiles
import SematicImages
import SematicOCI
import SematicPython
import SematicSystem

/// The search for modules that a script and its package import, and that its images will not have.
struct ImportCheck {
  let inputs: PipelineInputs
  let script: PythonScript

  /// The import of a module, as the Python that launches reads it.
  struct Import: Decodable, Hashable {
    let file: String
    let line: Int
    let module: String
    /// In a function: one image that has it is enough.
    let deferred: Bool
    /// Under a condition that nobody knows: then only what is in the package is named.
    let conditional: Bool
    /// Where the module is in the package, if it is there.
    let path: String?

    var place: String { "\(file):\(line)" }
    /// The module that has to be on the search path.
    var top: String { module.split(separator: ".").first.map(String.init) ?? module }
  }

  private struct Answer {
    var missing: [Import]
    /// What the base may have: nobody knows.
    var unknown: [Import] = []
    let conditional: [Import]
  }

  /// - Throws: `MissingImport`, and what reading a base throws.
  func check(_ images: [PlannedImage], packages: [String: String]) throws {
    let answers = try images.compactMap { try answer($0, packages: packages[$0.base.key]) }
    guard answers.count == images.count else {
      return inputs.console.detail("no python3 that can read the imports of \(script.file.relativePath)")
    }
    var warned: Set<Import> = []
    for one in answers.flatMap(\.conditional) where warned.insert(one).inserted {
      inputs.console.warn("\(MissingImport.sentence(one)): it fails if its condition holds in the image")
    }
    let lists = answers.map(\.missing)
    let everywhere = lists.dropFirst().reduce(Set(lists.first ?? [])) { $0.intersection($1) }
    var seen: Set<Import> = []
    let missing = lists.joined().filter { (!$0.deferred || everywhere.contains($0)) && seen.insert($0).inserted }
    if !missing.isEmpty {
      throw MissingImport(imports: Array(missing), requirements: inputs.pipeline.requirements?.file.relativePath)
    }
    var named: Set<String> = []
    for one in answers.flatMap(\.unknown) where one.top != "sematic" && named.insert(one.top).inserted {
      inputs.console.warn(
        "\(one.place) imports \(one.module), which is neither in the package nor in the requirements: it works only if "
          + "the base has it")
    }
  }

  /// - Returns: nil where no Python can be asked.
  private func answer(_ image: PlannedImage, packages: String?) throws -> Answer? {
    let tree = String(image.plan.workingDirectory.dropFirst())
    let prefix = tree.isEmpty ? "" : tree + "/"
    let files = image.plan.layers.flatMap(\.files).filter { $0.source != nil && $0.path.hasPrefix(prefix) }
    // Without requirements nobody has looked yet, and it would take long.
    let target = packages.flatMap { _ in
      let requirements = inputs.pipeline.requirements?.file.relativePath ?? ""
      return try? inputs.basePython.target(of: image.base, for: requirements, fetching: false)
    }
    var request: [String: JSONValue] = [
      "folder": .string(inputs.workspace.folder), "script": .string(script.file.relativePath),
      "roots": .strings(script.importRoots), "files": .strings(files.map { String($0.path.dropFirst(prefix.count)) }),
    ]
    let version = target?.version ?? image.base.named.descriptor?.promises.pythonVersion
    request["packages"] = packages.map { .string($0) }
    request["version"] = version.map { .string($0) }
    let input = String(decoding: try canonicalJSON(request), as: UTF8.self)
    guard
      let answer = try? HelperAnswer.run(
        HostProgram.python(in: inputs.workspace), ["-I", Templates.file("find-imports.py")],
        environment: ProcessInfo.processInfo.environment, input: input, seconds: 60, limit: 16 << 20),
      answer.status == 0, let imports = try? decodeJSON([Import].self, from: Data(answer.output))
    else { return nil }
    let outside = imports.filter { $0.path == nil }
    var result = Answer(
      missing: imports.filter { $0.path != nil && !$0.conditional }, conditional: imports.filter(\.conditional))
    guard !outside.isEmpty else { return result }
    do {
      let tree = try inputs.localLayers(of: image.base).tree(of: image.base.image)
      let known = try tree.modules(among: Set(outside.map(\.top)))
      result.missing = imports.filter { !$0.conditional && ($0.path != nil || !known.contains($0.top)) }
    } catch is UnreadableLayer {
      result.unknown = outside
    }
    return result
  }
}

/// Modules that are imported in the image and will not be there.
struct MissingImport: ExplainedError {
  let imports: [ImportCheck.Import]
  let requirements: String?

  fileprivate static func sentence(_ one: ImportCheck.Import) -> String {
    let what = "\(one.place) imports \(one.module)"
    return one.path.map { "\(what), which is \($0) here and does not come along" }
      ?? "\(what), which is neither in the sources, nor in the requirements, nor in the base"
  }

  var description: String {
    let first = imports.first.map(Self.sentence) ?? ""
    let others = imports.count - 1
    return first + (others > 0 ? ", and \(others) more import\(others == 1 ? "" : "s") would fail in the image" : "")
  }

  var details: [String] { imports.dropFirst().prefix(10).map(Self.sentence) }

  var hint: String? {
    let way =
      imports.first?.path != nil
      ? "let it come along: git may ignore it, 'exclude' may leave it out, or 'src' may not name it"
      : requirements.map { "add its package to \($0)" } ?? "name a file with its package as 'requirements'"
    return way + "; an import that may fail belongs in 'try' with 'except ImportError'"
  }
}
