import SematicOCI

/// A base image by a short name, and what it promises to who builds on it.
///
/// Ours lie in Templates/; those in `sematic-bases/NAME.json` beside Package.swift add names or override ours:
///
///     {
///       "name": "worker-base",
///       "reference": "mirror.example.com/sematic-worker-base@sha256:...",
///       "platform": "linux/amd64",
///       "promises": {
///         "python": "/usr/bin/python3",
///         "pythonVersion": "3.9",
///         "glibc": "2.35",
///         "entrypoint": ["/usr/bin/python3", "-m", "sematic.resolvers.worker"],
///         "path": ["/sematic/bin", "/usr/bin", "/bin"],
///         "writable": ["/sematic/bin"]
///       }
///     }
///
/// `name`, `reference` and `platform` are required; a reference may be `oci:PATH[:TAG]`, too.
package struct BaseDescriptor: Hashable, Sendable {
  package let name: String
  /// As it is written.
  package let reference: String
  package let platform: Platform
  package let promises: Promises

  /// What the image holds or allows.
  package struct Promises: Hashable, Sendable {
    /// Python 3, for pipelines in Python.
    package var pythonPath: String?
    /// Of that Python, as `3.9`; where it is not promised, it is looked for in the image.
    package var pythonVersion: String?
    /// Of the C library, as `2.35`.
    package var glibcVersion: String?
    /// What the entrypoint of a worker in Python executes; it hands on all its arguments after these.
    package var entrypoint: [String] = []
    /// The folders on PATH, in their order.
    package var path: [String] = []
    /// Folders that the image's user may write to.
    package var writableFolders: [String] = []
  }
}
