import SematicArchive

/// What a writer gives to its sink.
func bytes(_ write: (@escaping TarWriter.Sink) throws -> Void) throws -> [UInt8] {
  let collected = Collected()
  try write { collected.bytes.append(contentsOf: $0) }
  return collected.bytes
}

func archive(_ write: (TarWriter) throws -> Void) throws -> [UInt8] {
  try bytes { sink in
    let tar = TarWriter(to: sink)
    try write(tar)
    try tar.finish()
  }
}

func entries(of archive: [UInt8]) throws -> [TarEntry] {
  var found: [TarEntry] = []
  try TarReader.forEachEntry(in: ByteSource(archive)) { entry, _ in found.append(entry) }
  return found
}

/// Numbers that look random and are the same in every run.
struct Noise {
  private var state: UInt64

  init(_ seed: UInt64 = 1) { state = seed }

  mutating func next() -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33)
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

private final class Collected { var bytes: [UInt8] = [] }
