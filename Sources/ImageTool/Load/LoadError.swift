import SematicOCI
import SematicSystem

/// An image that could not be loaded into a container runtime.
enum LoadError: ExplainedError {
  /// No program of that name, or of any known name, is on PATH.
  case missing(ContainerRuntime?, installed: [ContainerRuntime])
  /// A command of the runtime failed. `lastWords` is what it said in the end.
  case failed([String], of: ContainerRuntime, how: String, lastWords: [String])
  /// A signal ended the command: a person's, perhaps.
  case ended([String], of: ContainerRuntime, signal: Int32, lastWords: [String])
  /// Runtimes keep images by their names.
  case unnamed(ContainerRuntime)
  /// It reads archives of one image.
  case severalPlatforms(ContainerRuntime)

  var description: String {
    switch self {
    case .missing(let named?, _): "cannot load the image into \(named.rawValue): it is not on PATH"
    case .missing(nil, _):
      "cannot load the image: none of \(ContainerRuntime.allCases.map(\.rawValue).joined(separator: ", ")) is on PATH"
    case .failed(let command, let runtime, let how, _):
      "cannot load the image into \(runtime.rawValue): `\(LaunchEnvironment.shellLine(command))` \(how)"
    case .ended(let command, let runtime, let signal, _):
      "cannot load the image into \(runtime.rawValue): `\(LaunchEnvironment.shellLine(command))` was ended by signal \(signal)"
    case .unnamed(let runtime): "cannot load an image without a tag into \(runtime.rawValue)"
    case .severalPlatforms(let runtime): "\(runtime.rawValue) loads an image for one platform, and there are several"
    }
  }

  var details: [String] {
    switch self {
    case .failed(_, _, _, let words), .ended(_, _, _, let words): words
    case .missing, .unnamed, .severalPlatforms: []
    }
  }

  var hint: String? {
    switch self {
    case .missing(_, let installed):
      installed.first.map { "`--load-into \($0.rawValue)` loads it into \($0.rawValue), which is there" }
        ?? "install one of them, or write a file: `--format docker-archive --output FILE`"
    case .failed(_, let runtime, _, _):
      Invocation.isVerb && PluginHost.isSandboxed
        ? "SwiftPM's sandbox keeps programs from daemons: `\(Invocation.unsandboxed)`" : runtime.remedy
    case .ended: nil
    case .unnamed: "`--tag NAME` gives it one"
    case .severalPlatforms: "`--platform \(Platform.host)` builds one of them; podman and containerd load all"
    }
  }
}
