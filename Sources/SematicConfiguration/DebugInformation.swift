/// What becomes of the parts of programs and libraries that only debuggers read.
package enum DebugInformation: String, SettingValue {
  case keep, strip

  /// - Throws: `MalformedSetting`.
  init(setting text: String) throws {
    guard let value = Self(rawValue: text) else { throw MalformedSetting("'\(text)' is neither 'keep' nor 'strip'") }
    self = value
  }
}
