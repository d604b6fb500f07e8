/// The bytes of a delivery, wherever they are kept until they are recorded.
package protocol DeliveryBody: Sendable {
    var count: Int { get }

    /// - Parameter read: gets all of them; they are gone when it returns.
    /// - Throws: what `read` throws, or why the bytes cannot be read.
    func withBytes<Result>(_ read: (UnsafeRawBufferPointer) throws -> Result) throws -> Result
}

extension [UInt8]: DeliveryBody {
    package func withBytes<Result>(_ read: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        try withUnsafeBytes(read)
    }
}
