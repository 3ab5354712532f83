extension FixedWidthInteger {
  /// The sum, or the largest or smallest number where that is beyond them.
  ///
  /// For numbers from outside, whose sum is then too large for whatever limit it is compared with.
  package func addingClamped(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
