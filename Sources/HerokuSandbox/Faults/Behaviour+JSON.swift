extension Behaviour {
    private enum Field: Sendable {
        case time(any WritableKeyPath<Behaviour, Duration> & Sendable)
        case count(any WritableKeyPath<Behaviour, Int> & Sendable)
        case flag(any WritableKeyPath<Behaviour, Bool> & Sendable)
    }

    /// Names in the admin API; times are in milliseconds and say so.
    private static let fields: [String: Field] = [
        "output_opens_after_ms": .time(\.outputOpensAfter),
        "pending_after_output_ms": .time(\.pendingAfterOutput),
        "release_phase_timeout_ms": .time(\.releasePhaseTimeout),
        "boot_timeout_ms": .time(\.bootTimeout),
        "attach_timeout_ms": .time(\.attachTimeout),
        "attach_idle_timeout_ms": .time(\.attachIdleTimeout),
        "stop_grace_ms": .time(\.stopGrace),
        "preboot_time_ms": .time(\.prebootTime),
        "log_session_lifetime_ms": .time(\.logSessionLifetime),
        "dyno_conflicts": .count(\.dynoConflicts),
        "new_app_web_quantity": .count(\.newAppWebQuantity),
        "stuck_releases": .count(\.stuckReleases),
        "output_cut_bytes": .count(\.outputCutBytes),
        "unknown_image_status": .count(\.unknownImageStatus),
        "timed_out_release_expires": .flag(\.timedOutReleaseExpires),
        "one_off_falls_back_to_web": .flag(\.oneOffFallsBackToWeb),
        "ignores_image_user": .flag(\.ignoresImageUser),
        "accepts_command_override": .flag(\.acceptsCommandOverride),
        "config_runs_release_phase": .flag(\.configRunsReleasePhase),
        "rollback_restores_images": .flag(\.rollbackRestoresImages),
        "rollback_runs_release_phase": .flag(\.rollbackRunsReleasePhase),
        "entrypoint_gets_words": .flag(\.entrypointGetsWords),
        "removed_types_stay": .flag(\.removedTypesStay),
        "keeps_ended_one_offs": .flag(\.keepsEndedOneOffs),
        "requires_container_stack": .flag(\.requiresContainerStack),
        "stops_routing_while_starting": .flag(\.stopsRoutingWhileStarting),
    ]

    package var json: JSON {
        .object(
            Self.fields.mapValues { field in
                switch field {
                case .time(let path): .integer(self[keyPath: path].milliseconds)
                case .count(let path): .integer(self[keyPath: path])
                case .flag(let path): .bool(self[keyPath: path])
                }
            })
    }

    /// Takes over the fields that the object names.
    /// - Throws: `APIError.invalid` for a field that is none or has another type; nothing is changed then.
    package mutating func update(_ json: JSON) throws(APIError) {
        var changed = self
        for (name, value) in json.object ?? [:] {
            guard let field = Self.fields[name] else { throw .invalid("\(name) is not a behaviour of the sandbox") }
            switch (field, value.integer, value.bool) {
            case (.time(let path), let number?, _) where number >= 0: changed[keyPath: path] = .milliseconds(number)
            case (.count(let path), let number?, _) where number >= 0: changed[keyPath: path] = number
            case (.flag(let path), _, let flag?): changed[keyPath: path] = flag
            default: throw .invalid("\(name) cannot be \(String(decoding: value.bytes, as: UTF8.self))")
            }
        }
        self = changed
    }
}
