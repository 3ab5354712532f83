import PackagePlugin

/// `swift package build-image`: layers the built product onto a base image.
@main
struct BuildImage: PipelineVerb {
  static let command = ["build"]
}
