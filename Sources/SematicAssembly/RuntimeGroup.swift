import SematicFiles

/// Swift's runtime libraries by groups, each in a layer of its own.
///
/// An image gets all of a group or nothing of it, so that the layer is the same for every program of a toolchain.
enum RuntimeGroup {
  /// The layer of a library of the toolchain.
  static func kind(of library: String) -> LayerPlan.Kind {
    switch library {
    case "libFoundationEssentials.so": .essentials
    case "libFoundation.so", "libFoundationInternationalization.so", "lib_FoundationICU.so": .foundation
    case "libFoundationNetworking.so": .networking
    case "libFoundationXML.so": .xml
    // For debuggers and instruments alone.
    case "libswiftRemoteMirror.so", "libswiftRuntime.so": .otherRuntime
    case "libdispatch.so", "libBlocksRuntime.so": .runtime
    case _ where library.hasPrefix("libswift") && library.hasSuffix(".so"): .runtime
    default: .otherRuntime
    }
  }

  /// The names of all libraries of a group, sorted.
  /// - Throws: `FileError`.
  static func members(of kind: LayerPlan.Kind, in folder: String) throws -> [String] {
    try FileTree.names(in: folder).filter { $0.hasSuffix(".so") && Self.kind(of: $0) == kind }.sorted()
  }
}
