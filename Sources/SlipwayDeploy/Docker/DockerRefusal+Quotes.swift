extension DockerRefusal {
    /// The engine's word without what it quotes of a Dockerfile, which is the pusher's text and may hold a secret: a
    /// reason is public, and the full word stands in the step's detail. Names of images and paths of COPY and ADD stay.
    static func withoutQuotes(_ verdict: String) -> String {
        // How a `RUN` ended, in the words of either version of BuildKit.
        let ofCommand = /.*(?:" did not complete successfully|\]): ((?:signal|exit code|failed|context).*)/
        if let ended = verdict.wholeMatch(of: ofCommand)?.output.1 {
            let was = ended.hasPrefix("signal: ") ? "was killed" : "did not end well"
            return "a command of the Dockerfile \(was) (\(unquoted(String(ended))))"
        }
        // `… parse error on line 2: unknown instruction: FOO`, of older builders `… parse error line 2: …`.
        if let kind = verdict.firstMatch(of: /dockerfile parse error (?:on )?line \d+(?:: [^:"]*[^:" ])?/)?.output {
            return String(kind)
        }
        // `failed to process "${KEY:?words}": KEY: words`
        if let word = verdict.firstRange(of: /failed to process ".*/) {
            return verdict[..<word.lowerBound] + "failed to process a word of the Dockerfile"
        }
        return unquoted(verdict)
    }

    /// What is quoted and stays: the address of a registry, the stage of the configuration, a path that is not there.
    private static func unquoted(_ text: String) -> String {
        let quotes =
            /("https?:\/\/[^"?]*\/v2\/[^"?]*"|target stage "[^"]*"|"\/[^"]*":? not found)|"(?:[^"\\]|\\.)*(?:"|$)(?:: stat [^:]*)?/
        return text.replacing(quotes) { match in match.output.1.map(String.init) ?? "\"…\"" }
    }
}
