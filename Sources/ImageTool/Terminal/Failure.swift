import SematicRegistryClient
import SematicELF
import ArgumentParser
import SematicFiles
import Foundation
import SematicAssembly
import SematicImages
import SematicRegistryServer
import SematicOCI
import SematicConfiguration
import SematicLaunch

/// Turns errors into advice: the only place where facts of the libraries become sentences for the user.
enum Failure {
  struct Advice: Equatable {
    let message: String
    let hint: String?
  }

  static func advice(for error: any Error) -> Advice {
    Advice(message: "\(error)", hint: hint(for: error))
  }

  /// 64 for a mistake in how the tool was called, else 1.
  static func status(of error: any Error) -> Int32 {
    if let error = error as? ConfigurationError, case .option = error.place { return 64 }
    return error is ValidationError ? 64 : 1
  }

  private static func hint(for error: any Error) -> String? {
    switch error {
    case let error as ConfigurationError: error.hint
    case let error as RecipeError: error.hint
    case let error as RequirementsError: error.hint
    case let error as ElfError: error.hint
    case let error as LayerError: error.hint
    case let error as RegistryError: error.hint
    case let error as BaseError: error.hint
    case let error as ImageLayoutError: error.hint
    case let error as ImageArchiveError: error.hint
    case let error as ManifestNotFound: error.hint
    case let error as RefusedImage: error.hint
    case let error as RefusedImage: error.hint
    case let error as RegistryServerError: error.hint
    case let error as ForeignProgram: error.hint
    case let error as FileError: hint(for: error)
    case is SwiftBuild.Failed: "mend what SwiftPM says above"
    case is ContainerImageError:
      "unset \(ContainerImages.single), or set it to registry/repository@sha256:..."
    default: nil
    }
  }

  private static func hint(for error: FileError) -> String? {
    switch error.code {
    case EFBIG: "files may not become so large here: `ulimit -f` says how large, or the file system's kind"
    case ENOSPC, EDQUOT: "make room on the disk; `ImageTool registry gc` removes what no image needs"
    case EACCES, EPERM, EROFS: "choose a folder that you may write to, or mend its permissions"
    case EEXIST: nil
    default:
      error.operation.hasPrefix("find Package.swift") ? "run this in a package's folder, or give --package-path" : nil
    }
  }
}
