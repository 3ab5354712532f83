/// A request that is not HTTP as it should be; the connection ends with it.
struct HTTPError: Error {
  let status: Int
  let message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}
