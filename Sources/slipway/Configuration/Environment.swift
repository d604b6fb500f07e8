import Foundation

/// The variables that `${NAME}` in the configuration file may name.
struct Environment: Sendable {
    private let variables: [String: String]

    init(_ variables: [String: String] = ProcessInfo.processInfo.environment) {
        self.variables = variables
    }

    enum Lookup {
        case value(String)
        case unset
        /// `NAME_FILE` names a file that cannot be read.
        case unreadable(file: String, reason: String)
    }

    /// The variable, or the content of the file that `NAME_FILE` names, as containers are given secrets.
    func look(up name: String) -> Lookup {
        if let value = variables[name] { return .value(value) }
        guard let file = variables[name + "_FILE"] else { return .unset }
        do {
            return .value(try SecretFile.text(at: file))
        } catch {
            return .unreadable(file: file, reason: error.reason)
        }
    }
}

/// A file that holds one value; editors and `echo` leave a newline at its end, which is not part of it.
enum SecretFile {
    struct Unreadable: Error {
        let reason: String
    }

    static func text(at path: String) throws(Unreadable) -> String {
        var bytes = try self.bytes(at: path)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return try decode(bytes)
    }

    /// Without the byte order mark that some editors put at the start of a file.
    static func decode(_ bytes: [UInt8]) throws(Unreadable) -> String {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Unreadable(reason: "it is UTF-16, by its byte order mark; save it as UTF-8")
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = String(validating: bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...], as: UTF8.self)
        guard let text else { throw Unreadable(reason: "it is not UTF-8") }
        return text
    }

    /// By POSIX, for its reasons: Foundation's are an error number in a domain.
    static func bytes(at path: String) throws(Unreadable) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(reason: String(cString: strerror(errno)).lowercased()) }
        defer { close(descriptor) }
        return try bytes(of: descriptor)
    }

    /// nil when it can be read.
    static func reasonNotToRead(_ path: String) -> String? {
        do throws(Unreadable) {
            _ = try bytes(at: path)
            return nil
        } catch {
            return error.reason
        }
    }

    static func bytes(of descriptor: Int32) throws(Unreadable) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(reason: String(cString: strerror(errno)).lowercased()) }
            guard count > 0 else { return content }
            content += buffer[..<count]
        }
    }
}
