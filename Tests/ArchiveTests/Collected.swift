import Archive

/// What a writer gives to its sink.
func bytes(_ write: (@escaping TarWriter.Sink) throws -> Void) throws -> [UInt8] {
  let collected = Collected()
  try write { collected.bytes.append(contentsOf: $0) }
  return collected.bytes
}

final class Collected { var bytes: [UInt8] = [] }
