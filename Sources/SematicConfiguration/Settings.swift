import SematicOCI

/// What one layer of settings says: the defaults, a pipeline, or the command line.
struct Settings: Hashable, Sendable {
  var product: Located<String>?
  var script: Located<String>?
  var sources: [Located<DataPattern>] = []
  var requirements: Located<String>?
  var registry: Located<RegistrySetting>?
  var repository: Located<String>?
  /// By their tags; `base` is the one of `default`.
  var bases: [String: Located<String>] = [:]
  var environment: [String: String] = [:]
  var data: [Located<DataPattern>] = []
  var tags: [Located<String>] = []
  var tagSuffix: Located<String>?
  var insecure: Bool?
  /// By the host that they stand for.
  var mirrors: [String: [RegistryMirror]] = [:]
  var retries: Int?
  var labels: [String: String] = [:]
  var annotations: [String: String] = [:]
  var user: String?
  var workingDirectory: String?
  var compression: LayerCompression?
  var layerSize: Int64?
  var keepsDebugInformation: Bool?

  /// These settings on top of others: lists append, maps merge by key, scalars override.
  func over(_ lower: Settings) -> Settings {
    var result = lower
    // One of the two makes a pipeline: naming one takes the other's place.
    if product != nil || script != nil {
      result.product = product
      result.script = script
    }
    result.sources += sources.filter { entry in !lower.sources.contains { $0.value == entry.value } }
    result.requirements = requirements ?? lower.requirements
    result.registry = registry ?? lower.registry
    result.repository = repository ?? lower.repository
    result.bases.merge(bases) { _, upper in upper }
    result.environment.merge(environment) { _, upper in upper }
    result.data += data.filter { entry in !lower.data.contains { $0.value == entry.value } }
    result.tags += tags.filter { tag in !lower.tags.contains { $0.value == tag.value } }
    result.tagSuffix = tagSuffix ?? lower.tagSuffix
    result.insecure = insecure ?? lower.insecure
    result.mirrors.merge(mirrors) { _, upper in upper }
    result.retries = retries ?? lower.retries
    result.labels.merge(labels) { _, upper in upper }
    result.annotations.merge(annotations) { _, upper in upper }
    result.user = user ?? lower.user
    result.workingDirectory = workingDirectory ?? lower.workingDirectory
    result.compression = compression ?? lower.compression
    result.layerSize = layerSize ?? lower.layerSize
    result.keepsDebugInformation = keepsDebugInformation ?? lower.keepsDebugInformation
    return result
  }
}
