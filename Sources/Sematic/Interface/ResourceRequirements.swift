/// The resources that a function in a container of its own asks Kubernetes for.
public struct ResourceRequirements: Hashable, Sendable {
  /// Amounts by name, as Kubernetes writes them: `["cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"]`.
  public var requests: [String: String]
  /// The labels that the node must have.
  public var nodeSelector: [String: String]

  /// The requirements of a function's container.
  public init(requests: [String: String] = [:], nodeSelector: [String: String] = [:]) {
    self.requests = requests
    self.nodeSelector = nodeSelector
  }

  /// The requirements as the server reads them; what is missing there has Sematic's own default.
  ///
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/resolvers/resource_requirements.py
  var document: JSON {
    get throws {
      let kubernetes = Document.Kubernetes(requests: requests, nodeSelector: nodeSelector)
      return try PythonValue.of(Document(kubernetes: kubernetes)).value
    }
  }

  private struct Document: Codable, SematicNamed {
    static let sematicName = "sematic.resolvers.resource_requirements.ResourceRequirements"

    struct Kubernetes: Codable, SematicNamed {
      static let sematicName = "sematic.resolvers.resource_requirements.KubernetesResourceRequirements"

      enum CodingKeys: String, CodingKey {
        case requests
        case nodeSelector = "node_selector"
      }

      var requests: [String: String]
      var nodeSelector: [String: String]
    }

    var kubernetes: Kubernetes
  }
}
