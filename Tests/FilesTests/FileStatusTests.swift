import Foundation
import SematicFiles
import TestSupport
import Testing

@Suite struct FileStatusTests {
  @Test(.enabled(if: ChildProcess.canRun("touch"))) func `times far away are no trap`() throws {
    let folder = try TemporaryFolder("status")
    let path = try folder.write("file", "")
    var times: Set<Int64> = []
    for year in ["1901", "1969", "2261", "2263", "2400"] {
      _ = try ChildProcess.run(["touch", "-d", "\(year)-01-01", path])
      times.insert(try FileStatus(of: path).modified)
    }
    #expect(times.count > 1)
  }
}
