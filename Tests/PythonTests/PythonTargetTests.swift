import SematicOCI
import SematicPython
import Testing

@Suite struct PythonTargetTests {
  private let target = PythonTarget(version: "3.9", platform: Platform(architecture: "amd64"), glibc: "2.17")

  @Test func `wheels are looked for from the newest C library that the base has, downwards`() {
    #expect(
      target.wheelPlatforms == [
        "manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64", "manylinux_2_15_x86_64",
        "manylinux_2_14_x86_64", "manylinux_2_13_x86_64", "manylinux_2_12_x86_64", "manylinux2010_x86_64",
        "manylinux_2_11_x86_64", "manylinux_2_10_x86_64", "manylinux_2_9_x86_64", "manylinux_2_8_x86_64",
        "manylinux_2_7_x86_64", "manylinux_2_6_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64",
      ])
    var arm = target
    arm = PythonTarget(version: "3.11", platform: Platform(architecture: "arm64"), glibc: "2.18")
    #expect(
      arm.wheelPlatforms == [
        "manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64",
      ])
  }

  @Test(arguments: [nil, "musl", "2.", "2.x"])
  func `an unknown C library is taken for that of Debian 10`(glibc: String?) {
    let target = PythonTarget(version: "3.9", platform: Platform(architecture: "amd64"), glibc: glibc)
    #expect(target.wheelPlatforms.first == "manylinux_2_28_x86_64")
  }

  @Test func `the binary interface had a letter until Python 3.7`() {
    #expect(target.abi == "cp39")
    #expect(PythonTarget(version: "3.7", platform: target.platform).abi == "cp37m")
    #expect(PythonTarget(version: "3.10", platform: target.platform).abi == "cp310")
  }

  @Test(arguments: [
    ("py3-none-any", true), ("py2.py3-none-any", true), ("py39-none-any", true), ("cp39-none-any", true),
    ("cp39-cp39-manylinux2014_x86_64", true), ("cp38-abi3-manylinux_2_17_x86_64", true),
    ("py3-none-manylinux_2_5_x86_64", true), ("cp39-cp39-linux_x86_64", true),
    ("py2-none-any", false), ("cp311-cp311-manylinux_2_17_x86_64", false), ("cp311-none-any", false),
    ("cp310-abi3-manylinux_2_17_x86_64", false), ("cp39-cp39-manylinux_2_28_x86_64", false),
    ("cp39-cp39-manylinux2014_aarch64", false), ("cp39-cp39-macosx_11_0_arm64", false), ("py3", false), ("", false),
  ])
  func `a wheel's tag says whether it is for this Python`(tag: String, fits: Bool) {
    #expect(target.accepts(tag) == fits)
  }
}
