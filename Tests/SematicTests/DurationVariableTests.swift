import Testing

@testable import Sematic

@Suite struct DurationVariableTests {
  @Test(
    arguments: [
      (.zero, "0"), (.seconds(3), "3"), (.milliseconds(500), "0.5"), (.milliseconds(1_500), "1.5"),
      (.nanoseconds(1), "0.000000001"), (.init(secondsComponent: 1, attosecondsComponent: 1), "1.000000000000000001"),
      (.seconds(Int64.max), "9223372036854775807"),
    ] as [(Duration, String)])
  func `what a launch writes is what its driver reads`(duration: Duration, text: String) {
    #expect(duration.variable == text)
    #expect(Duration(variable: text) == duration)
  }

  @Test(arguments: ["", ".", "1.", "x", "-1", "1.-5", "1.x", "9223372036854775808"])
  func `what is no number of seconds is none`(text: String) { #expect(Duration(variable: text) == nil) }

  @Test func `a time that is over already is none`() { #expect(Duration.milliseconds(-500).variable == "0") }
}
