package import SlipwayBase

extension Effect {
    /// What may be shown of it: a one-off's command and the reason of its end are texts that may hold a secret, above all in
    /// journals from before they were redacted as they are written.
    package func redacted(by maker: @autoclosure () -> Redactor) -> Effect {
        guard case .runOneOff(var run, var progress) = self else { return self }
        let redactor = maker()
        run.command = redactor.redact(run.command)
        switch progress {
        case .done(.unknown(let reason, let instance)):
            progress = .done(.unknown(reason: redactor.redact(reason), instance: instance))
        case .notDone(let reason): progress = .notDone(reason: redactor.redact(reason))
        case .begun, .done(.exited): break
        }
        return .runOneOff(run, progress)
    }
}
