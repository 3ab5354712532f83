import SematicOCI

/// A pipeline's settings for its image, besides the program.
package struct ImageSettings: Equatable, Sendable {
  /// A file or folder of this machine for the image.
  package struct DataItem: Equatable, Sendable {
    /// The absolute path.
    package var source: String
    /// The path of the file or folder itself, relative to the working directory. With a slash at its end, that of
    /// the folder for it.
    package var destination: String
    /// Whether a folder's content stays behind.
    package var isEmptyFolder: Bool

    package init(source: String, destination: String, isEmptyFolder: Bool = false) {
      self.source = source
      self.isEmptyFolder = isEmptyFolder
      self.destination = destination
    }
  }

  package var environment: [String: String]
  package var labels: [String: String]
  /// The manifest's annotations.
  package var annotations: [String: String]
  package var user: String?
  package var workingDirectory: String?
  package var data: [DataItem]
  /// Files of this machine's system, by path, and libraries, by name; an empty destination is the path itself.
  package var systemItems: [DataItem]
  /// The absolute path of a folder of Python packages.
  package var pythonPackages: String?
  /// The Python that they were installed for.
  package var python: ImageOverlay.Python?
  /// Whether the program and the package's libraries keep their debug information.
  package var keepsDebugInformation: Bool
  /// Whether libraries of this machine's system come along into an image with a base.
  package var bringsSystemLibraries: Bool
  /// Whether certificate authorities that were added to this machine's come along with the distribution's.
  package var bringsOwnCertificates: Bool
  /// Whether crashes print a backtrace.
  package var printsBacktraces: Bool
  /// The size of the files of one layer, in bytes: larger layers are cut.
  package var layerSize: Int64?
  package var created: CreationTime

  package init(
    environment: [String: String] = [:], labels: [String: String] = [:], annotations: [String: String] = [:],
    user: String? = nil, workingDirectory: String? = nil, data: [DataItem] = [],
    systemItems: [DataItem] = [],
    pythonPackages: String? = nil, keepsDebugInformation: Bool = true, bringsSystemLibraries: Bool = true,
    bringsOwnCertificates: Bool = true, printsBacktraces: Bool = true, layerSize: Int64? = nil,
    created: CreationTime = .fixed
  ) {
    self.environment = environment
    self.labels = labels
    self.annotations = annotations
    self.user = user
    self.workingDirectory = workingDirectory
    self.data = data
    self.systemItems = systemItems
    self.pythonPackages = pythonPackages
    self.keepsDebugInformation = keepsDebugInformation
    self.bringsSystemLibraries = bringsSystemLibraries
    self.bringsOwnCertificates = bringsOwnCertificates
    self.printsBacktraces = printsBacktraces
    self.layerSize = layerSize
    self.created = created
  }
}
