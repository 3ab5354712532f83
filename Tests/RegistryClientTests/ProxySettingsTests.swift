import Testing

@testable import SematicRegistryClient

@Suite struct ProxySettingsTests {
  private func proxy(_ environment: [String: String], _ address: String = "https://r.example/v2/") throws -> String? {
    let address = try #require(HTTPAddress(address))
    return try ProxySettings(environment: environment).proxy(for: address)?.url
  }

  @Test func `the variable of the scheme comes first, and an empty one means none`() throws {
    #expect(try proxy(["HTTPS_PROXY": "http://p:3128/"]) == "http://p:3128")
    #expect(try proxy(["https_proxy": "p", "HTTPS_PROXY": "q"]) == "http://p")
    #expect(try proxy(["https_proxy": "", "ALL_PROXY": "q"]) == nil)
    #expect(try proxy(["all_proxy": "socks5h://u:p%40@[::1]:1080"]) == "socks5h://u:p%40@[::1]:1080")
    #expect(try proxy(["https_proxy": "p"], "http://r.example/") == nil)
    #expect(try proxy(["HTTP_PROXY": "p"], "http://r.example/") == "http://p")
    #expect(try proxy(["HTTP_PROXY": "p", "REQUEST_METHOD": "GET"], "http://r.example/") == nil)
    #expect(try proxy(["https_proxy": "p", "http_proxy": "p"], "http://127.0.0.1:5000/") == nil)
  }

  @Test(arguments: [
    "http://u:hid#den@p:1", "http://u:hid@den@p:1", "http://u:hid/den@p:1", "http://u:hid?den@p:1", "hid den",
    "http://p:hidden", "ftp://hidden", "http://", "http://u:1/hidden@p:80", "http://u:hid\\den@p:1", "http://p:0",
  ])
  func `a variable that cannot be read is named without its value`(value: String) throws {
    for name in ["https_proxy", "ALL_PROXY"] {
      var options = RegistryOptions.testing
      options.environment[name] = value
      let error = #expect(throws: RegistryError.self) {
        try Registry(host: "r.example", repository: "a", options: options).ping()
      }
      #expect(error?.reason == .proxyVariable(name))
      for text in [error?.description, error?.hint] {
        #expect(text?.contains(name) == true && text?.contains("hid") == false && text?.contains("den@") == false)
      }
    }
  }

  @Test(arguments: [
    ("r.example", true), ("example", true), (".example", true), ("*.example", true), ("*.r.example", false),
    ("R.EXAMPLE", true), ("r.example.", true), ("xr.example", false), ("other,r.example:443", true),
    ("r.example:5000", false), ("*", true), ("", false), ("*:443", false), ("10.0.0.0/8", false),
    ("other r.example", true),
  ])
  func `NO_PROXY has names, domains and ports`(list: String, excepted: Bool) throws {
    #expect(try (proxy(["https_proxy": "p", "NO_PROXY": list]) == nil) == excepted)
  }

  @Test(arguments: [
    ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
    ("10.1.2.3", "10.1.2.3:443", true), ("10.1.2.3", "10.1.2.3:80", false), ("10.1.2.3", "2.3", false),
    ("[fd00::1]", "fd00::/8", true), ("[fd00::1]", "[fd00::1]:443", true), ("[fd00::1]", "fd00:0::1", true),
    ("10.1.2.3", "10.0.0.0/99", false), ("10.1.2.3", "10.0.0.0/-1", false), ("10.1.2.3", "10.0.0.0/0", true),
  ])
  func `NO_PROXY has addresses and networks`(host: String, list: String, excepted: Bool) throws {
    #expect(try (proxy(["https_proxy": "p", "no_proxy": list], "https://\(host)/") == nil) == excepted)
  }
}
