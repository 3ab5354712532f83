import ArgumentParser
import SematicFiles
import SematicOCI

/// An executable in place of a built product: `FILE`, or `linux/arm64=FILE` for one platform.
struct GivenExecutable: ExpressibleByArgument, Equatable {
  let platform: Platform?
  let path: String

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    // A file may have an equals sign in its name.
    if let equals = argument.firstIndex(of: "="), !FileTree.exists(argument),
      let platform = try? Platform(String(argument[..<equals]))
    {
      (self.platform, path) = (platform, String(argument[equals...].dropFirst()))
    } else {
      (platform, path) = (nil, argument)
    }
    guard !path.isEmpty else { return nil }
  }
}
