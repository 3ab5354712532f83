import SematicSystem

/// The content of a layer, decided before any byte of it is written.
package struct LayerPlan: Hashable, Sendable {
  /// The kinds of layers by how often they change: the most stable is the lowest.
  package enum Kind: String, Equatable, Sendable, CaseIterable {
    /// The system's loader, C and C++ library: only above `scratch`.
    case system
    case characterSets = "character sets"
    case timeZones = "time zones"
    case certificates
    /// Swift's standard library, concurrency and Dispatch: like all of the runtime, they change with the toolchain.
    case runtime
    case essentials = "foundation essentials"
    /// Foundation, with the tables of ICU.
    case foundation
    /// FoundationNetworking, with the system's libcurl.
    case networking
    /// FoundationXML, with the system's libxml2.
    case xml
    case otherRuntime = "other runtime"
    case backtracer
    /// What the package needs of the system.
    case systemLibraries = "system libraries"
    /// What programs load when they run.
    case runtimeLoaded = "loaded libraries"
    /// Python packages: they change with the requirements.
    case requirements
    /// Data of the pipeline file: often large, and seldom changed.
    case data
    /// Resource bundles: they change with the source.
    case resources
    /// Dynamic libraries of the package.
    case libraries
    /// The launch program and the entrypoint.
    case program

    /// Whether the layer is the same for every program that needs it.
    var isShared: Bool { ![.requirements, .data, .resources, .libraries, .program].contains(self) }
  }

  package let kind: Kind
  /// The files in the order of the archive: by the bytes of their paths, each folder before what is in it.
  package let files: [PlannedFile]

  /// The image history's text about the layer: the same for every image.
  package var createdBy: String { Self.historyPrefix + kind.rawValue }

  /// What the history of an image says of layers that this tool has made: `swift-sematic: KIND`.
  package static let historyPrefix = "swift-sematic: "

  /// The size of all files, in bytes.
  package var size: Int64 { files.reduce(0) { $0.addingClamped($1.size ?? 0) } }
}
