/// Where an image's libraries of the system come from.
package enum SystemLibraries: String, SettingValue {
  /// This machine's come along.
  case bring
  case base

  /// - Throws: `MalformedSetting`.
  init(setting text: String) throws {
    guard let value = Self(rawValue: text) else { throw MalformedSetting("'\(text)' is neither 'bring' nor 'base'") }
    self = value
  }
}
