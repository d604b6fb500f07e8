/// How a program in a dyno ended.
struct ExitStatus: Sendable, Hashable {
    var code: Int

    /// What a status means that is a shell's or the kernel's and not the program's; in parentheses, after a space.
    var hint: String {
        switch code {
        case 126: " (it cannot be executed: not marked executable, or built for another processor than amd64)"
        case 127: " (no such command in the image)"
        case 137: " (killed, most often for its memory)"
        default: ""
        }
    }
}
