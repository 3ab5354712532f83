/// A violation of HTTP, after which the connection is closed.
struct InvalidRequest: Error {
  let status: ResponseStatus
  let message: String

  init(_ status: ResponseStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
