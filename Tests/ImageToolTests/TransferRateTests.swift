import Testing

@testable import ImageTool

@Suite struct TransferRateTests {
  private let second: UInt64 = 1_000_000_000

  @Test func `a rate is not told before it means something`() {
    var rate = TransferRate(now: 0)
    rate.add(1_000_000, now: 1000)
    #expect(rate.bytesPerSecond(now: 1000) == nil)
    #expect(rate.bytesPerSecond(now: second) == 1_000_000)
  }

  @Test func `what was long ago no longer counts`() {
    var rate = TransferRate(now: 0)
    rate.add(4_000_000, now: second)
    rate.add(1_000, now: 4 * second)
    #expect(rate.bytesPerSecond(now: 4 * second) == 1_000_000)
    rate.add(9_000, now: 9 * second)
    #expect(rate.bytesPerSecond(now: 9 * second) == 200)
  }

  @Test func `a clock that stands still does no harm`() {
    var rate = TransferRate(now: 5)
    rate.add(.max, now: 5)
    rate.add(.max, now: 5)
    #expect(rate.bytesPerSecond(now: 5) == nil)
  }
}
