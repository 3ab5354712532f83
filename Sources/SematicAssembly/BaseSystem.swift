import SematicELF

/// What is known of the files of a base.
package struct BaseSystem: Equatable, Sendable, Codable {
  /// The base's name, for messages.
  package var name: String
  /// The newest version of its C library's symbols, `GLIBC_2.36`; nil: there is no such library.
  package var cLibrary: String?
  /// The newest versions of its C++ library's symbols: `GLIBCXX_3.4.30`, `CXXABI_1.3.13`.
  package var cppVersions: [String]
  /// Those of the libraries looked for that its loader would find; nil: unknown.
  package var libraries: Set<String>?
  package var hasTimeZones: Bool
  package var hasCertificates: Bool
  /// Whether everybody who builds on it can look into it. Only then an image may depend on what was found.
  package var isLocal: Bool

  package init(
    name: String, cLibrary: String?, cppVersions: [String] = [], libraries: Set<String>? = [],
    hasTimeZones: Bool = true,
    hasCertificates: Bool = true, isLocal: Bool = true
  ) {
    self.name = name
    self.cLibrary = cLibrary
    self.cppVersions = cppVersions
    self.libraries = libraries
    self.hasTimeZones = hasTimeZones
    self.hasCertificates = hasCertificates
    self.isLocal = isLocal
  }

  /// The kinds of versions that programs ask a base for.
  static let versionKinds = ["GLIBC", "GLIBCXX", "CXXABI"]

  func newestVersion(of kind: String) -> String? {
    kind == "GLIBC" ? cLibrary : LibraryClosure.newestVersion(in: cppVersions, of: kind)
  }
}
