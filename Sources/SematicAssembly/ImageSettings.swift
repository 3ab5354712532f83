/// What a pipeline wants of its image besides the program.
package struct ImageSettings: Hashable, Sendable {
  /// A file or folder of this machine for the image.
  package struct DataItem: Hashable, Sendable {
    /// By absolute path.
    package var source: String
    /// Of the file or folder itself; relative to the working directory. With a slash at its end, the folder for it.
    package var destination: String

    package init(source: String, destination: String) {
      self.source = source
      self.destination = destination
    }
  }

  package var environment: [String: String]
  package var labels: [String: String]
  /// Of the manifest.
  package var annotations: [String: String]
  package var user: String?
  package var workingDirectory: String?
  package var data: [DataItem]
  /// A folder of Python packages, by absolute path.
  package var pythonPackages: String?
  /// Of the program and the package's libraries.
  package var keepsDebugInformation: Bool
  /// Of the files of one layer, in bytes: larger ones are cut.
  package var layerSize: Int64?

  package init(
    environment: [String: String] = [:], labels: [String: String] = [:], annotations: [String: String] = [:],
    user: String? = nil, workingDirectory: String? = nil, data: [DataItem] = [],
    pythonPackages: String? = nil, keepsDebugInformation: Bool = true, layerSize: Int64? = nil
  ) {
    self.environment = environment
    self.labels = labels
    self.annotations = annotations
    self.user = user
    self.workingDirectory = workingDirectory
    self.data = data
    self.pythonPackages = pythonPackages
    self.keepsDebugInformation = keepsDebugInformation
    self.layerSize = layerSize
  }
}
