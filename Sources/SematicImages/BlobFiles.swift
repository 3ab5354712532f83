import SematicArchive
import SematicFiles
import SematicOCI

/// A place whose blobs are files of this machine, or parts of one.
package protocol BlobFiles: ImageSource {
  /// The blob's bytes, once they were checked.
  func open(_ descriptor: Descriptor) throws -> ByteSource
}

extension ImageLayout: BlobFiles {
  package func open(_ descriptor: Descriptor) throws -> ByteSource {
    try readBlob(descriptor) { _ in }
    return ByteSource(try InputFile(Self.blobPath(descriptor.digest, in: path)))
  }
}
