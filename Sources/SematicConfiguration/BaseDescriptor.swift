import SematicOCI

/// A base image with a short name, and what it promises to those who build on it.
///
/// This tool's own are in Templates/; those in `sematic-bases/NAME.json` beside Package.swift add names or override them:
///
///     {
///       "name": "worker-base",
///       "reference": "mirror.example.com/sematic-worker-base@sha256:...",
///       "platform": "linux/amd64",
///       "promises": {
///         "python": "/usr/bin/python3",
///         "pythonVersion": "3.9",
///         "glibc": "2.35",
///         "glibcxx": "3.4.30",
///         "cxxabi": "1.3.13"
///       }
///     }
///
/// `name`, `reference` and `platform` are required; a reference may be `oci:PATH[:TAG]`, too.
package struct BaseDescriptor: Equatable, Sendable {
  package let name: String
  package let reference: String
  /// The platform that the promises are for; an image of another one is refused.
  package let platform: Platform
  package let promises: Promises

  /// What is known of the image before it is read.
  package struct Promises: Equatable, Sendable {
    static let usualPythonPath = "/usr/bin/python3"

    /// The path of Python 3, which runs pipelines in Python.
    package var pythonPath = Self.usualPythonPath
    /// The version of that Python, as `3.9`; where it is not promised, it is looked for in the image.
    package var pythonVersion: String?
    /// The version of the C library, as `2.35`.
    package var glibcVersion: String?
    /// The newest versions of the C++ library's symbols, as `GLIBCXX_3.4.30` and `CXXABI_1.3.13`.
    package var cppVersions: [String] = []
  }
}
