/// The place where an image was found, which decides whether a cluster can pull it.
package enum PullLocation: Equatable, Sendable {
  case registry(String)
  /// A registry that only this machine reaches.
  case loopback(String)
  case disk
  /// Nowhere yet: the image was only just built.
  case unpublished
}
