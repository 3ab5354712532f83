import SematicSystem
import Testing

@Suite struct ByteCountTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_950, "10 kB"), (99_600, "100 kB"),
    (999_499, "999 kB"), (999_500, "1.0 MB"), (2_147_483_648, "2.1 GB"), (Int64.max, "9223372 TB"),
  ])
  func `a size has two or three digits and a unit`(bytes: Int64, text: String) {
    #expect(ByteCount(bytes).description == text)
  }
}
