/// A number of bytes as people read it: `812 B`, `4.1 MB`.
package struct ByteCount: CustomStringConvertible {
  package let description: String

  package init(_ count: Int64) {
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit < 4 {
      value /= 1000
      unit += 1
    }
    let number = unit == 0 ? "\(count)" : value < 9.95 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
    description = number + [" B", " kB", " MB", " GB", " TB"][unit]
  }
}
