import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@testable import slipway

@Suite(.endsIfItHangs) struct PassedSocketTests {
    @Test func `counts what is passed to this process, and to no other`() {
        #expect(PassedSocket.count(in: ["LISTEN_PID": "7", "LISTEN_FDS": "1"], pid: 7) == 1)
        #expect(PassedSocket.count(in: ["LISTEN_PID": "8", "LISTEN_FDS": "1"], pid: 7) == nil)
        #expect(PassedSocket.count(in: ["LISTEN_PID": "7", "LISTEN_FDS": "0"], pid: 7) == nil)
        #expect(PassedSocket.count(in: ["LISTEN_FDS": "1"], pid: 7) == nil)
    }

    /// Holds a socket as systemd does, runs the server with it twice, and waits until there is a client between the two.
    private static let supervisor = #"""
        use Socket;
        use POSIX ();
        $^F = 3; # descriptors up to this one survive exec
        my ($program, $file) = @ARGV;
        socket(my $socket, PF_INET, SOCK_STREAM, 0) or die;
        bind($socket, sockaddr_in(0, inet_aton("127.0.0.1"))) or die;
        listen($socket, 128) or die;
        my ($port) = sockaddr_in(getsockname($socket));
        print STDERR "port $port\n";
        for my $run (1, 2) {
            my $child = fork();
            if ($child == 0) {
                POSIX::dup2(fileno($socket), 3);
                @ENV{"LISTEN_PID", "LISTEN_FDS"} = ($$, 1);
                exec $program, "serve", "--config", $file or die;
            }
            $SIG{TERM} = sub { kill "TERM", $child };
            waitpid($child, 0);
            print STDERR "run $run ended\n";
            if ($run == 1) {
                my $ready = "";
                vec($ready, fileno($socket), 1) = 1;
                select($ready, undef, undef, 60) or die "nobody came";
            }
        }
        """#

    @Test func `nobody is refused over a restart`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(RunningServer.configuration(), to: "slipway.yml")
        let script = try folder.write(Self.supervisor, to: "supervisor.pl")
        let lines = Current<[String]>([])
        let process = ChildProcess(
            "supervisor", executable: "/usr/bin/perl", arguments: [script, Program.path, file],
            environment: RunningServer.environment
        ) { line in
            lines.value += [line]
        } onEnd: { _ in
        }
        func line(_ text: String) async throws -> String {
            try await eventually(text) { lines.value.first { $0.contains(text) } }
        }
        let port = try #require(try await line("port ").split(separator: " ").last.flatMap { Int($0) })
        #expect(try await line("address=").contains("127.0.0.1:\(port)"))
        let client = HTTPClient(tls: try TLSClientContext())
        let url = "http://127.0.0.1:\(port)/healthz"
        #expect(try await client.send(HTTPClientRequest(.get, url)).text == "ok\n")
        process.send(SIGTERM)
        _ = try await line("run 1 ended")
        // Nothing serves now; the second run begins because of this request, and answers it.
        #expect(try await client.send(HTTPClientRequest(.get, url)).text == "ok\n")
        process.send(SIGTERM)
        _ = try await line("run 2 ended")
    }
}
