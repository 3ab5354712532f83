import SematicFiles
import TestSupport
import Testing

@testable import SematicAssembly

@Suite struct CertificatesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("certificates") }

  private func certificate(_ body: String) -> String {
    "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
  }

  @Test func `certificates that were added to the bundle are named, and can be left out`() throws {
    let (first, own, last) = (certificate("AAAA\nBBBB"), certificate("CCCC\nDDDD"), certificate("AAAA\nEEEE"))
    let bundle = try folder.write("bundle.crt", first + own + last)
    let path = try folder.write("own/team/ours.crt", own.replacing("\n", with: "\r\n"))
    try folder.write("own/unused.pem", certificate("CCCC\nFFFF"))
    try folder.write("own/empty.crt", "")
    try folder.write("own/readme.txt", own)
    let certificates = Certificates(bundles: [bundle], ownFolders: [folder.file("none"), folder.file("own")])
    let added = try certificates.added(to: bundle) { try FileSearch.occurring($0, in: $1) }
    #expect(added == [path])
    #expect(String(decoding: try Certificates.text(of: bundle, without: added), as: UTF8.self) == first + last)
  }
}
