/// How SwiftPM links a product with Swift's runtime libraries.
package enum Linking: String, SettingValue, CustomStringConvertible {
  /// The runtime libraries are files of their own.
  case dynamic
  /// The program has what it needs of them in itself.
  case staticStdlib = "static-stdlib"
  /// The program has the C library in itself, too.
  case `static`

  /// - Throws: `MalformedSetting`.
  init(setting text: String) throws {
    guard let value = Self(rawValue: text) else {
      throw MalformedSetting("'\(text)' is not one of 'dynamic', 'static-stdlib' and 'static'")
    }
    self = value
  }

  package var description: String { rawValue }

  /// The compiler's flags, for a plugin: SwiftPM gives plugins no other way.
  package var compilerFlags: [String] {
    switch self {
    case .dynamic: []
    case .staticStdlib: ["-static-stdlib"]
    case .static: ["-static-executable"]
    }
  }

  /// What to do where the linker fails with them.
  package static let hint =
    "if the linker fails (cannot find -lcurl, undefined reference), something in the program has no static form, such as "
    + "FoundationNetworking or C++ interoperability: `linking: dynamic`"

  /// The options of `swift build`.
  ///
  /// Without the last, it builds by the plan of the build before, and does not see that the flags have changed.
  package var buildOptions: [String] {
    switch self {
    case .dynamic: ["--disable-build-manifest-caching"]
    case .staticStdlib: ["--static-swift-stdlib", "--disable-build-manifest-caching"]
    case .static: compilerFlags.flatMap { ["-Xswiftc", $0] } + ["--disable-build-manifest-caching"]
    }
  }
}
