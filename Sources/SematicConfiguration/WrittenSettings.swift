import Yams

/// Settings as they were written: the defaults', a pipeline's, the command line's, or all of them merged.
@dynamicMemberLookup
package struct WrittenSettings: Sendable {
  /// By the names of their rows.
  private var written: [String: [WrittenValue]] = [:]

  package subscript<Value>(dynamicMember setting: KeyPath<SettingsTable, Setting<Value>>) -> Value {
    let setting = SettingsTable.shared[keyPath: setting]
    return setting.value(self[setting.row.name])
  }

  subscript(name: String) -> [WrittenValue] {
    get { written[name] ?? [] }
    set { written[name] = newValue }
  }

  /// The place of a single value.
  func location<Value>(of setting: KeyPath<SettingsTable, Setting<Value>>) -> SourceLocation? {
    self[SettingsTable.shared[keyPath: setting].row.name].last?.location
  }

  /// The place of a map's entry.
  func location<Value>(of setting: KeyPath<SettingsTable, Setting<[String: Value]>>, _ key: String) -> SourceLocation? {
    self[SettingsTable.shared[keyPath: setting].row.name].first { $0.key == key }?.location
  }

  /// The items of a list, with their places.
  func located<Item: Hashable & Sendable>(_ setting: KeyPath<SettingsTable, Setting<[Item]>>) -> [Located<Item>] {
    self[SettingsTable.shared[keyPath: setting].row.name].compactMap { item in
      (item.value as? Item).map { Located($0, item.location) }
    }
  }

  /// Puts another single value in the place of what was written.
  mutating func replace<Value: SettingValue>(
    _ setting: KeyPath<SettingsTable, Setting<Value?>>, with value: Value?, at location: SourceLocation
  ) {
    let value = value.map { WrittenValue(key: "", value: $0, location: location) }
    self[SettingsTable.shared[keyPath: setting].row.name] = value.map { [$0] } ?? []
  }

  /// Adds what was written to the setting of a row, by the row's way of merging.
  mutating func add(_ upper: [WrittenValue], to row: SettingRow) {
    guard !upper.isEmpty else { return }
    switch row.merging {
    case .overrides, .replaces:
      self[row.name] = upper
    case .appends:
      let lower = self[row.name]
      self[row.name] += upper.filter { item in !lower.contains { $0.value.node == item.value.node } }
    case .merges:
      let keys = Set(upper.map(\.key))
      self[row.name] = self[row.name].filter { !keys.contains($0.key) } + upper
    }
  }

  /// These settings on top of others.
  func over(_ lower: WrittenSettings) -> WrittenSettings {
    var result = lower
    for row in SettingsTable.rows where !self[row.name].isEmpty {
      if let alternative = row.alternative { result[alternative] = [] }
      result.add(self[row.name], to: row)
    }
    return result
  }

  /// The settings as a pipeline file has them, without those that say what is the default.
  var nodes: [(String, Node)] {
    SettingsTable.rows.compactMap { row in
      let items = self[row.name]
      guard let last = items.last else { return nil }
      let node: Node =
        switch row.merging {
        case .overrides: last.value.node
        case .appends, .replaces: .list(items.map(\.value.node))
        case .merges: .map(items.sorted { $0.key < $1.key }.map { ($0.key, $0.value.node) })
        }
      return node == row.unset?.node ? nil : (row.name, node)
    }
  }
}

/// Places do not count.
extension WrittenSettings: Equatable {
  package static func == (left: WrittenSettings, right: WrittenSettings) -> Bool {
    left.nodes.elementsEqual(right.nodes) { $0 == $1 }
  }
}
