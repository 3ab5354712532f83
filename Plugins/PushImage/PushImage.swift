import PackagePlugin

/// `swift package push-image`: builds the image and pushes it.
@main
struct PushImage: PipelineVerb {
  static let command = ["push"]
}
