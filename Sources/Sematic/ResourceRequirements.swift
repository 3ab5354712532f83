/// What a function in a container of its own asks of Kubernetes.
public struct ResourceRequirements: Hashable, Sendable {
  /// As Kubernetes writes them: `["cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"]`.
  public var requests: [String: String]
  /// Labels that the node has to have.
  public var nodeSelector: [String: String]

  /// Those of the function's container.
  public init(requests: [String: String] = [:], nodeSelector: [String: String] = [:]) {
    self.requests = requests
    self.nodeSelector = nodeSelector
  }

  /// As the server reads them; what it misses there has Sematic's own default.
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
