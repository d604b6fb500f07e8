import Glibc

/// A system call that failed.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    /// Reads `errno`: make it right after the call.
    init(_ call: String) {
        self.init(call, code: errno)
    }

    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
