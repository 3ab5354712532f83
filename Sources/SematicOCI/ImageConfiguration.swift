import SematicSystem

/// An image's configuration: how to run it, and the layers that make its file system.
///
/// https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
///
/// It is kept as JSON, so that what a base says beyond these properties (a health check, shell, stop signal) stays.
package struct ImageConfiguration: Equatable, Sendable {
  package private(set) var document: JSONValue

  /// An empty image.
  package init(platform: Platform) {
    document = .object(["rootfs": .object(["type": .string("layers"), "diff_ids": .array([])])])
    self.platform = platform
  }

  /// - Throws: `MalformedValue` when the bytes are no image configuration.
  package init(bytes: Data) throws {
    func malformed(_ expected: String) -> MalformedValue {
      MalformedValue(
        kind: "image configuration", value: String(decoding: bytes.prefix(80), as: UTF8.self), expected: expected)
    }
    do {
      document = try decodeJSON(from: bytes)
    } catch let error as MalformedValue {
      throw malformed(error.expected)
    } catch {
      throw malformed("JSON")
    }
    guard let identifiers = document["rootfs"]?["diff_ids"]?.array,
      identifiers.allSatisfy({ $0.string.map { (try? Digest($0)) != nil } ?? false })
    else { throw malformed("JSON with rootfs.diff_ids") }
  }

  /// The bytes that are published.
  package func encoded() throws -> Data { try canonicalJSON(document) }

  package var platform: Platform {
    get {
      Platform(
        os: document["os"]?.string ?? "", architecture: document["architecture"]?.string ?? "",
        variant: document["variant"]?.string.flatMap { $0.isEmpty ? nil : $0 })
    }
    set {
      document["os"] = .string(newValue.os)
      document["architecture"] = .string(newValue.architecture)
      document["variant"] = newValue.variant.map(JSONValue.string)
    }
  }

  package var diffIDs: [Digest] {
    (document["rootfs"]?["diff_ids"]?.strings ?? []).compactMap { try? Digest($0) }
  }

  /// The variables as `NAME=value`, in the base's order.
  package var environment: [String] {
    get { settings["Env"]?.strings ?? [] }
    set { settings["Env"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var entrypoint: [String] {
    get { settings["Entrypoint"]?.strings ?? [] }
    set { settings["Entrypoint"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var command: [String] {
    get { settings["Cmd"]?.strings ?? [] }
    set { settings["Cmd"] = newValue.isEmpty ? nil : .strings(newValue) }
  }

  package var user: String? {
    get { settings["User"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    set { settings["User"] = newValue.map(JSONValue.string) }
  }

  package var workingDirectory: String? {
    get { settings["WorkingDir"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    set { settings["WorkingDir"] = newValue.map(JSONValue.string) }
  }

  package var labels: [String: String] {
    get { settings["Labels"]?.object?.compactMapValues(\.string) ?? [:] }
    set { settings["Labels"] = newValue.isEmpty ? nil : .object(newValue.mapValues(JSONValue.string)) }
  }

  /// The value of a variable of `environment`; the last one where it is named twice, as in a process.
  package func environmentValue(_ name: String) -> String? {
    let start = "\(name)=".utf8
    return environment.last { $0.utf8.starts(with: start) }.map { String(Substring($0.utf8.dropFirst(start.count))) }
  }

  /// Sets a variable: in its place if the base has it, else at the end. It is there once afterwards.
  package mutating func setEnvironment(_ name: String, _ value: String) {
    let start = "\(name)=".utf8
    var variables = environment
    let index = variables.firstIndex { $0.utf8.starts(with: start) } ?? variables.endIndex
    variables.removeAll { $0.utf8.starts(with: start) }
    variables.insert("\(name)=\(value)", at: index)
    environment = variables
  }

  /// The entries of the history that made a layer.
  package var layerHistory: [JSONValue] {
    (document["history"]?.array ?? []).filter { $0.object != nil && $0["empty_layer"] != .bool(true) }
  }

  package var created: CreationTime? { document["created"]?.string.flatMap { CreationTime($0) } }

  /// Adds layers, and what the history says of them.
  /// - Parameter created: the time that is written, the same for the same input: then the digest is the same, too.
  package mutating func append(_ layers: [Layer], created: CreationTime = .fixed) {
    let before = document["rootfs"]?["diff_ids"]?.array ?? []
    let identifiers = before + layers.map { .string($0.diffID.description) }
    document["rootfs"] = .object(["type": .string("layers"), "diff_ids": .array(identifiers)])
    let entries = layers.map { layer in
      JSONValue.object([
        "created": .string(created.text), "created_by": .string(layer.createdBy ?? ""),
        "comment": .string("swift-sematic"),
      ])
    }
    document["history"] = .array(wholeHistory(of: before.count, created) + entries)
    document["created"] = .string(created.text)
  }

  /// The history with one entry for each layer besides those that say that they made none: tools find a layer's entry by
  /// counting, and podman builds on nothing else.
  private func wholeHistory(of layers: Int, _ created: CreationTime) -> [JSONValue] {
    var made = 0
    var history = (document["history"]?.array ?? []).filter { $0.object != nil }.map { entry in
      guard entry["empty_layer"] != .bool(true) else { return entry }
      made += 1
      guard made > layers else { return entry }
      var entry = entry
      entry["empty_layer"] = .bool(true)
      return entry
    }
    while made < layers {
      history.append(.object(["created": .string(created.text), "comment": .string("a layer without history")]))
      made += 1
    }
    return history
  }

  private var settings: JSONValue {
    get { document["config"] ?? .object([:]) }
    set { document["config"] = newValue }
  }
}
