import SematicOCI
import SematicSystem

/// What an image's configuration has beyond its base's, as far as it depends on the base's.
///
/// An annotation of the image keeps it, so that the same can be done above another base. The entrypoint and the working
/// directory are not here: the layers were made for them.
package struct ImageOverlay: Equatable, Sendable {
  /// The variables of the settings.
  package var environment: [String: String] = [:]
  /// The folders that lists of folders begin with, by variable.
  package var leading: [String: [String]] = [:]
  /// The path of the program that prints backtraces.
  package var backtracer: String?
  package var user: String?
  package var labels: [String: String] = [:]
  /// The versions of the C and C++ libraries that a base has to have at least.
  package var needs: [String] = []
  /// The Python that a base has to have; nil for an image without Python packages.
  package var python: Python?

  /// A Python that packages were installed for.
  package struct Python: Equatable, Sendable {
    /// Major and minor: `3.11`
    package let version: String
    /// Where it is in the base.
    package let path: String

    package init(version: String, path: String) {
      self.version = version
      self.path = path
    }

    /// - Returns: nil for what no build writes.
    fileprivate init?(_ texts: [String: String]) {
      let (version, path) = (texts["version"] ?? "", texts["path"] ?? "")
      let numbers = version.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard texts.count == 2, numbers.count == 2,
        numbers.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy { (48...57).contains($0) } }),
        path.utf8.first == UInt8(ascii: "/"), path.utf8.count < 4096, path.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
      else { return nil }
      self.init(version: version, path: path)
    }
  }

  private static let lists = ["PATH", "LD_LIBRARY_PATH", "PYTHONPATH"]

  package init() {}

  /// The variables as `NAME=value`: the base's in their order, then ours by name.
  func variables(above base: ImageConfiguration?) -> [String] {
    var result = base ?? ImageConfiguration(platform: Platform(architecture: ""))
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
      result.setEnvironment(name, value)
    }
    for name in Self.lists {
      guard let folders = leading[name] else { continue }
      let written = result.environmentValue(name) ?? ""
      let list = written.isEmpty && name == "PATH" ? WorkerFolders.defaultPath : written
      // Ours are there once. Empty parts, which mean the current folder, are dropped.
      let others = list.split(separator: ":").map(String.init)
        .filter { !folders.contains($0.hasSuffix("/") ? String($0.dropLast()) : $0) }
      result.setEnvironment(name, (folders + others).joined(separator: ":"))
    }
    if let backtracer {
      let written = result.environmentValue("SWIFT_BACKTRACE") ?? "enable=yes"
      // Settings that come later win.
      if !written.isEmpty, !written.contains("swift-backtrace=") {
        result.setEnvironment("SWIFT_BACKTRACE", "swift-backtrace=\(backtracer),\(written)")
      }
    }
    // No script can look for a usable home there, and the user may be any number: /tmp is writable for all.
    if base == nil, result.environmentValue("HOME") == nil { result.setEnvironment("HOME", "/tmp") }
    return result.environment
  }

  /// Changes what is a base's configuration to ours.
  func apply(to configuration: inout ImageConfiguration) {
    configuration.environment = variables(above: configuration)
    configuration.user = user ?? configuration.user
    configuration.labels = configuration.labels.merging(labels) { $1 }
    // The base's would come after our entrypoint as arguments.
    configuration.command = []
  }

  // MARK: The annotation

  package static let annotation = "org.swift-sematic.overlay"

  private static let keys: Set = ["layers", "env", "labels", "user", "backtracer", "leading", "needs", "python"]

  /// The annotation of an image with a number of layers of its own.
  func annotation(layers: Int) throws -> [String: String] {
    func texts(_ values: [String: String]) -> JSONValue? {
      values.isEmpty ? nil : .object(values.mapValues(JSONValue.string))
    }
    var value = JSONValue.object(["layers": .integer(Int64(layers))])
    value["env"] = texts(environment)
    value["labels"] = texts(labels)
    value["user"] = user.map(JSONValue.string)
    value["backtracer"] = backtracer.map(JSONValue.string)
    value["leading"] = leading.isEmpty ? nil : .object(leading.mapValues(JSONValue.strings))
    value["needs"] = needs.isEmpty ? nil : .strings(needs)
    value["python"] = python.flatMap { texts(["version": $0.version, "path": $0.path]) }
    return [Self.annotation: String(decoding: try canonicalJSON(value), as: UTF8.self)]
  }

  /// Reads the annotation.
  /// - Returns: the overlay, and how many layers are the image's own.
  /// - Throws: `MalformedValue`.
  package static func read(_ record: String) throws -> (overlay: ImageOverlay, layers: Int) {
    func malformed(_ expected: String) -> MalformedValue {
      MalformedValue(
        kind: "annotation \(annotation)", value: String(record.prefix(80)), expected: expected)
    }
    guard let value = try? decodeJSON(JSONValue.self, from: Data(record.utf8)), value.object != nil
    else {
      throw malformed("a JSON object")
    }
    func texts(_ key: String) throws -> [String: String] {
      guard let member = value[key] else { return [:] }
      guard let object = member.object, case let texts = object.compactMapValues(\.string),
        texts.count == object.count
      else { throw malformed("texts in '\(key)'") }
      return texts
    }
    func text(_ key: String) throws -> String? {
      guard let member = value[key] else { return nil }
      guard let text = member.string else { throw malformed("a text in '\(key)'") }
      return text
    }
    func list(_ member: JSONValue, _ key: String) throws -> [String] {
      guard let array = member.array, let strings = member.strings, strings.count == array.count
      else {
        throw malformed("lists of texts in '\(key)'")
      }
      return strings
    }
    // What a later version of this tool writes there may change the meaning of all of it.
    if let unknown = value.object?.keys.sorted().first(where: { !keys.contains($0) }) {
      throw malformed("nothing that this version of swift-sematic does not know, such as '\(unknown.prefix(40))'")
    }
    guard case .integer(let layers)? = value["layers"],
      (1...Int64(ImagePlan.mostLayers)).contains(layers)
    else {
      throw malformed("a number of layers from 1 to \(ImagePlan.mostLayers)")
    }
    var overlay = ImageOverlay()
    overlay.environment = try texts("env")
    overlay.labels = try texts("labels")
    overlay.user = try text("user")
    overlay.backtracer = try text("backtracer")
    overlay.needs = try value["needs"].map { try list($0, "needs") } ?? []
    if value["python"] != nil {
      overlay.python = Python(try texts("python"))
      guard overlay.python != nil else { throw malformed("a version such as 3.11 and a path in 'python'") }
    }
    if let leading = value["leading"] {
      guard let object = leading.object else { throw malformed("lists of texts in 'leading'") }
      overlay.leading = try object.mapValues { try list($0, "leading") }
    }
    return (overlay, Int(layers))
  }
}
