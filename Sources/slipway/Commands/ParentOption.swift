import ArgumentParser

/// How a server that another program starts ends with that program, even if that one is killed: it holds the other
/// end of the server's standard input. (`PR_SET_PDEATHSIG` would not do: it goes by the thread that forked, and
/// Dispatch ends its threads.)
struct ParentOption: ParsableArguments {
    static let name = "stop-with-input"

    @Flag(name: .customLong(Self.name), help: .hidden)
    var stopWithInput = false
}
