import TestSupport
import Testing

@testable import SematicInventory

@Suite struct SourceAddressTests {
  @Test(arguments: GitAddress.all) func `an address has nothing that is secret in it`(address: GitAddress) {
    #expect(SourceAddress(address.text)?.location(revision: nil) == address.location)
    #expect(address.location?.contains(/s3|cret/) != true)
  }

  @Test func `a location ends with the revision`() {
    #expect(SourceAddress("https://host/a")?.location(revision: "1/2") == "git+https://host/a@1%2F2")
  }
}
