import SlipwayDeploy

/// How a command's exit code comes back from a place that gives none: the rendezvous protocol ends a connection without
/// one (docs/heroku.md, 3.2), so the command is followed by a line of ours that says it.
///
/// The nonce keeps a command's own output from passing for that line.
struct ExitMarker: Sendable {
    let nonce: String

    init(nonce: String) {
        self.nonce = nonce
    }

    static func random() -> ExitMarker {
        ExitMarker(nonce: (0..<2).map { _ in UInt64.random(in: .min ... .max).paddedHex }.joined())
    }

    /// What precedes the digits.
    var text: String { "slipway-\(nonce) exit=" }

    /// - Returns: a command line that runs the command, says its exit code and exits with it.
    ///
    /// A shell of its own runs the command, so that its `exit` or `exec` does not skip the line; that it all is one
    /// `sh -c` with plain arguments keeps it whole whether the platform splits the line into words or gives it to a
    /// shell. The nonce is apart from `slipway-`, so that an echo of this line is not a marker.
    /// Its input is at its end from the start: nobody answers a question here, so that it fails at once.
    func wrap(_ command: String) -> String {
        let script = #"sh -c "$1" </dev/null; code=$?; echo; echo "slipway-$2 exit=$code"; exit "$code""#
        return "sh -c \(script.singleQuoted) slipway \(command.singleQuoted) \(nonce)"
    }

    /// The exit code in a whole line that is the marker.
    func code(in line: some StringProtocol) -> Int? {
        guard line.hasPrefix(text) else { return nil }
        return Int(line.dropFirst(text.count))
    }
}

extension UInt64 {
    fileprivate var paddedHex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
