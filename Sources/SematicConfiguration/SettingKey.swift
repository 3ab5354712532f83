/// The settings of a pipeline, as the pipeline file names them.
enum SettingKey: String, CaseIterable {
  case product, script, src, requirements, registry, repository, base, bases, env, data, tags
  case tagSuffix = "tag_suffix"
  case insecure, mirrors, retries, labels, annotations, user, workdir, compression
  case layerSize = "layer_size"
  case debugInformation = "debug_information"

  /// How it is written rightly.
  var example: String {
    switch self {
    case .product: "product: train"
    case .script: "script: main.py"
    case .src: "src: [lib/**/*.py]"
    case .requirements: "requirements: requirements.txt"
    case .registry: "registry: ghcr.io/acme"
    case .repository: "repository: pipelines"
    case .base: "base: worker-base"
    case .bases: "bases: {gpu: worker-cuda}"
    case .env: "env: {LOG_LEVEL: info}"
    case .data: "data: [models/*.bin]"
    case .tags: "tags: [nightly]"
    case .tagSuffix: "tag_suffix: dev"
    case .insecure: "insecure: true"
    case .mirrors: "mirrors: {docker.io: [mirror.example.com/hub]}"
    case .retries: "retries: 4"
    case .labels: "labels: {team: vision}"
    case .annotations: "annotations: {org.opencontainers.image.licenses: MIT}"
    case .user: "user: 1000:1000"
    case .workdir: "workdir: /work"
    case .compression: "compression: zstd"
    case .layerSize: "layer_size: 512 MB"
    case .debugInformation: "debug_information: keep"
    }
  }
}
