/// The resources that a function in a container of its own asks Kubernetes for.
///
/// ```swift
/// ResourceRequirements(
///   requests: ["cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"],
///   tolerations: [Toleration(key: "nvidia.com/gpu", effect: .noSchedule)])
/// ```
public struct ResourceRequirements: Hashable, Sendable {
  /// Amounts by name, as Kubernetes writes them: `["cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"]`.
  public var requests: [String: String]
  /// The labels that the node must have.
  public var nodeSelector: [String: String]
  /// The taints of nodes that the function may run on nevertheless.
  public var tolerations: [Toleration]
  /// The secrets to mount.
  public var secrets: SecretMounts
  /// The folders of the node to mount, where the server allows it.
  public var hostPathMounts: [HostPathMount]
  /// Whether /dev/shm may grow to half of the memory, instead of 64 MB.
  public var hasExpandedSharedMemory: Bool
  /// The pod's security context, where the server allows it.
  public var securityContext: SecurityContext?
  /// Annotations of the pod, as far as the server allows their names.
  public var annotations: [String: String]
  /// Labels of the pod, as far as the server allows their names.
  public var labels: [String: String]

  /// The requirements of a function's container.
  public init(
    requests: [String: String] = [:], nodeSelector: [String: String] = [:], tolerations: [Toleration] = [],
    secrets: SecretMounts = SecretMounts(), hostPathMounts: [HostPathMount] = [], hasExpandedSharedMemory: Bool = false,
    securityContext: SecurityContext? = nil, annotations: [String: String] = [:], labels: [String: String] = [:]
  ) {
    self.requests = requests
    self.nodeSelector = nodeSelector
    self.tolerations = tolerations
    self.secrets = secrets
    self.hostPathMounts = hostPathMounts
    self.hasExpandedSharedMemory = hasExpandedSharedMemory
    self.securityContext = securityContext
    self.annotations = annotations
    self.labels = labels
  }

  /// The requirements as the server reads them.
  ///
  /// https://github.com/sematic-ai/sematic/blob/main/sematic/resolvers/resource_requirements.py
  var document: JSON {
    get throws { .text(try PythonValue.top(Document(kubernetes: Document.Kubernetes(self))).value) }
  }

  private struct Document: Codable, SematicNamed {
    static let sematicName = "sematic.resolvers.resource_requirements.ResourceRequirements"

    struct Kubernetes: Codable, SematicNamed {
      static let sematicName = "sematic.resolvers.resource_requirements.KubernetesResourceRequirements"

      enum CodingKeys: String, CodingKey {
        case requests, tolerations, annotations, labels
        case nodeSelector = "node_selector"
        case secrets = "secret_mounts"
        case hostPathMounts = "host_path_mounts"
        case hasExpandedSharedMemory = "mount_expanded_shared_memory"
        case securityContext = "security_context"
      }

      var requests: [String: String]
      var nodeSelector: [String: String]
      var tolerations: [Toleration]
      var secrets: SecretMounts
      var hostPathMounts: [HostPathMount]
      var hasExpandedSharedMemory: Bool
      var securityContext: SecurityContext?
      var annotations: [String: String]
      var labels: [String: String]

      init(_ requirements: ResourceRequirements) {
        requests = requirements.requests
        nodeSelector = requirements.nodeSelector
        tolerations = requirements.tolerations
        secrets = requirements.secrets
        hostPathMounts = requirements.hostPathMounts
        hasExpandedSharedMemory = requirements.hasExpandedSharedMemory
        securityContext = requirements.securityContext
        annotations = requirements.annotations
        labels = requirements.labels
      }
    }

    var kubernetes: Kubernetes
  }
}

/// The taint of nodes that a function may run on nevertheless.
///
/// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
///
/// ```swift
/// Toleration(key: "nvidia.com/gpu", value: "a100", effect: .noSchedule)
/// ```
public struct Toleration: Hashable, Codable, Sendable, SematicNamed {
  /// How the taint's value is compared.
  public enum Operator: String, Codable, CaseIterable, Sendable, SematicNamed {
    /// The values must be equal.
    case equal = "Equal"
    /// The key is enough.
    case exists = "Exists"
    /// The name in Python.
    public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesTolerationOperator"
  }

  /// The effect of the taint.
  public enum Effect: String, Codable, CaseIterable, Sendable, SematicNamed {
    /// Pods are not scheduled on the node.
    case noSchedule = "NoSchedule"
    /// Pods are scheduled elsewhere, where that is possible.
    case preferNoSchedule = "PreferNoSchedule"
    /// Pods are evicted.
    case noExecute = "NoExecute"
    /// Any effect.
    case all = "All"
    /// The name in Python.
    public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesTolerationEffect"
  }

  /// The key of the taint; nil for all.
  public var key: String?
  /// The value of the taint.
  public var value: String?
  /// How the value is compared.
  public var `operator`: Operator
  /// The effect of the taint.
  public var effect: Effect
  /// How long the function may run on a node with this taint, for `noExecute`.
  public var seconds: Int?

  /// A toleration; without a value, the key is enough.
  public init(key: String? = nil, value: String? = nil, effect: Effect = .all, seconds: Int? = nil) {
    self.key = key
    self.value = value
    `operator` = value == nil ? .exists : .equal
    self.effect = effect
    self.seconds = seconds
  }

  /// The name in Python.
  public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesToleration"

  private enum CodingKeys: String, CodingKey {
    case key, value, `operator`, effect
    case seconds = "toleration_seconds"
  }
}

/// The parts of the Kubernetes secret `sematic-func-secrets` that a function sees.
///
/// ```swift
/// // The entry `aws` of the secret as a variable, and `token` as the file /secrets/api/token:
/// SecretMounts(environment: ["aws": "AWS_SECRET_ACCESS_KEY"], files: ["token": "api/token"])
/// ```
public struct SecretMounts: Hashable, Codable, Sendable, SematicNamed {
  /// Environment variables, by the key in the secret.
  public var environment: [String: String]
  /// Paths of files below `folder`, by the key in the secret.
  public var files: [String: String]
  /// The folder of the files, which is a new one.
  public var folder: String

  /// The secrets to mount.
  public init(environment: [String: String] = [:], files: [String: String] = [:], folder: String = "/secrets") {
    self.environment = environment
    self.files = files
    self.folder = folder
  }

  /// The name in Python.
  public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesSecretMount"

  private enum CodingKeys: String, CodingKey {
    case environment = "environment_secrets"
    case files = "file_secrets"
    case folder = "file_secret_root_path"
  }
}

/// A folder of the node that is mounted.
///
/// ```swift
/// HostPathMount(nodePath: "/mnt/samples", path: "/samples", type: "Directory")
/// ```
public struct HostPathMount: Hashable, Codable, Sendable, SematicNamed {
  /// The path on the node.
  public var nodePath: String
  /// The path in the container.
  public var path: String
  /// The name of the volume: a label of Kubernetes.
  public var name: String
  /// The kind of mount, by Kubernetes's names.
  public var type: String

  /// A folder to mount.
  ///
  /// - Parameters:
  ///   - nodePath: the path on the node.
  ///   - path: the path in the container.
  ///   - name: the name of the volume; nil for one that is made of the path.
  ///   - type: the kind of mount, by Kubernetes's names.
  public init(nodePath: String, path: String, name: String? = nil, type: String = "") {
    self.nodePath = nodePath
    self.path = path
    self.name = name ?? "volume" + String(String.UnicodeScalarView(path.unicodeScalars.map(Self.inLabel)).prefix(58))
    self.type = type
  }

  private static func inLabel(_ scalar: UnicodeScalar) -> UnicodeScalar {
    scalar == "_" || scalar == "/" || scalar.properties.isWhitespace ? "-" : scalar
  }

  /// The name in Python.
  public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesHostPathMount"

  private enum CodingKeys: String, CodingKey {
    case name, type
    case nodePath = "node_path"
    case path = "pod_mount_path"
  }
}

/// The security context of a function's container.
///
/// https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
///
/// ```swift
/// SecurityContext(capabilities: SecurityContext.Capabilities(add: ["SYS_PTRACE"]))
/// ```
public struct SecurityContext: Hashable, Codable, Sendable, SematicNamed {
  /// Linux capabilities to add and to drop.
  public struct Capabilities: Hashable, Codable, Sendable, SematicNamed {
    /// The capabilities to add.
    public var add: [String]
    /// The capabilities to drop.
    public var drop: [String]

    /// Capabilities by Kubernetes's names.
    public init(add: [String] = [], drop: [String] = []) {
      self.add = add
      self.drop = drop
    }

    /// The name in Python.
    public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesCapabilities"
  }

  /// Whether a process may gain more privileges than its parent.
  public var allowsPrivilegeEscalation: Bool
  /// Whether the container is privileged.
  public var isPrivileged: Bool
  /// The capabilities to add and to drop.
  public var capabilities: Capabilities

  /// A security context.
  public init(
    allowsPrivilegeEscalation: Bool = false, isPrivileged: Bool = false, capabilities: Capabilities = Capabilities()
  ) {
    self.allowsPrivilegeEscalation = allowsPrivilegeEscalation
    self.isPrivileged = isPrivileged
    self.capabilities = capabilities
  }

  /// The name in Python.
  public static let sematicName = "sematic.resolvers.resource_requirements.KubernetesSecurityContext"

  private enum CodingKeys: String, CodingKey {
    case capabilities
    case allowsPrivilegeEscalation = "allow_privilege_escalation"
    case isPrivileged = "privileged"
  }
}
