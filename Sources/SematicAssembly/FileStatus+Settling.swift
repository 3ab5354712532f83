import SematicFiles
import SematicSystem

extension FileStatus {
  /// The clock of time stamps moves at least every 10 ms; 50 leave room for one that is not quite ours.
  static let tick: Int64 = 50_000_000

  /// The time after which a change cannot carry the same time stamp as the last one: a tick of its clock later, and that
  /// is one or two seconds on old file systems, which know whole seconds only.
  var settles: Int64 { changed.addingClamped(changed % 1_000_000_000 == 0 ? 2_000_000_000 : Self.tick) }
}
