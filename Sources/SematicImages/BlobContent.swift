import SematicFiles
import SematicOCI
import SematicSystem

/// The content of a blob that is written.
package enum BlobContent: Sendable {
  case bytes(Data)
  case file(String)
  case source(any ImageSource)

  /// Streams the blob, and throws when its size or digest is wrong.
  package func read(_ descriptor: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch self {
    case .source(let source): try source.readBlob(descriptor, body)
    case .bytes(let bytes):
      let verifier = try BlobVerifier(descriptor, from: "memory")
      try bytes.withUnsafeBytes { piece in
        try verifier.update(piece)
        if !piece.isEmpty { try body(piece) }
      }
      try verifier.finish()
    case .file(let path):
      let verifier = try BlobVerifier(descriptor, from: path)
      try InputFile(path).forEachChunk { piece in
        try verifier.update(piece)
        try body(piece)
      }
      try verifier.finish()
    }
  }
}
