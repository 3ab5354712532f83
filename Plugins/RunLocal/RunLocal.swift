import PackagePlugin

/// `swift package run-local`: starts the launch program without an image.
@main
struct RunLocal: PipelineVerb {
  static let command = ["run-local"]
}
