import PackagePlugin

/// `swift package run-pipeline`: builds and pushes the image, then starts the launch program with it.
@main
struct RunPipeline: PipelineVerb {
  static let command = ["run"]
}
