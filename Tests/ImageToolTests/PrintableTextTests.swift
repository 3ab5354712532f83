import SematicSystem
import Testing

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("plain text", "plain text"), ("tab\tstays", "tab\tstays"), ("Öl, 日本語, 👩‍🔬", "Öl, 日本語, 👩‍🔬"), ("", ""),
    ("two\nlines\r\n", "two\\nlines\\r\\n"), ("\u{1B}[2Jx\u{7}", "\\u001B[2Jx\\u0007"),
    ("\u{7F}\u{0}", "\\u007F\\u0000"),
    ("\u{9B}31mred", "\\u009B31mred"), ("txt.\u{202E}exe", "txt.\\u202Eexe"),
    ("\u{2066}a\u{2069}\u{200F}\u{61C}", "\\u2066a\\u2069\\u200F\\u061C"), ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"),
    ("\u{FEFF}\u{E0041}", "\\uFEFF\\uDB40\\uDC41"),
  ])
  func `What a terminal would obey is escaped, and what it prints stays`(text: String, printed: String) {
    #expect(text.printable == printed)
  }
}
