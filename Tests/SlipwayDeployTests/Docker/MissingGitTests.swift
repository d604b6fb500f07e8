import Testing

@testable import SlipwayDeploy

/// A build that looks for the repository, in the words of Docker's builders and of programs, as they were recorded.
struct MissingGitTests {
    @Test(arguments: [
        "#6 ERROR: \"/.git\" not found: not found\n------\n > [3/3] COPY .git /tmp/git:\n------\nfailed to compute cache key: "
            + "\"/.git\" not found: not found\n",
        "#6 ERROR: failed to calculate checksum of ref abc::def: \"/.git/HEAD\": not found\n------\nERROR: failed to solve: failed to "
            + "compute cache key: failed to calculate checksum of ref abc::def: \"/.git/HEAD\": not found\n",
        "Step 3/4 : COPY .git /tmp/git\nCOPY failed: file not found in build context or excluded by .dockerignore: stat .git: file "
            + "does not exist\n",
        "Step 3/4 : ADD ./.git/HEAD /\nADD failed: file not found in build context or excluded by .dockerignore: stat .git/HEAD: "
            + "file does not exist\n",
        "Step 2/3 : COPY .git /g\nCOPY failed: stat /var/lib/docker/tmp/docker-builder012/.git: no such file or directory\n",
        """
        #7 [4/4] RUN git rev-parse HEAD >/version
        #7 0.312 fatal: not a git repository (or any of the parent directories): .git
        #7 ERROR: executor failed running [/bin/sh -c git rev-parse HEAD >/version]: exit code: 128
        ------
         > [4/4] RUN git rev-parse HEAD >/version:
        #7 0.312 fatal: not a git repository (or any of the parent directories): .git
        ------
        executor failed running [/bin/sh -c git rev-parse HEAD >/version]: exit code: 128

        """,
        """
        #9 [4/4] RUN make
        #9 0.312 fatal: not a git repository (or any parent up to mount point /)
        #9 0.320 make: *** [Makefile:2: version] Error 128
        #9 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
        ------
         > [4/4] RUN make:
        0.312 fatal: not a git repository (or any parent up to mount point /)
        0.320 make: *** [Makefile:2: version] Error 128
        ------
        Dockerfile:4
        --------------------
           2 |     FROM x
           3 |     COPY . /app
           4 | >>> RUN make
        --------------------
        ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2

        """,
        """
        Step 3/3 : RUN git describe
         ---> Running in 0123456789ab
        fatal: not a git repository (or any of the parent directories): .git
        Removing intermediate container 0123456789ab
        The command '/bin/sh -c git describe' returned a non-zero code: 128

        """,
        """
        Step 3/3 : RUN cat .git/HEAD
         ---> Running in 0123456789ab
        cat: can't open '.git/HEAD': No such file or directory
        The command '/bin/sh -c cat .git/HEAD' returned a non-zero code: 1

        """,
        """
        #5 0.2 cp: cannot stat './.git': No such file or directory
        #5 ERROR: executor failed running [/bin/sh -c cp -r ./.git /x]: exit code: 1
        executor failed running [/bin/sh -c cp -r ./.git /x]: exit code: 1

        """,
    ])
    func `names what there is instead`(_ output: String) {
        let result = CommandResult(exit: .code(1), tail: Array(output.utf8))
        let reason = DockerRefusal.ofBuild(result, .buildKit, .images(closed: [], known: []))
        #expect(reason.hasPrefix("docker build failed"))
        #expect(reason.hasSuffix("; " + DockerRefusal.adviceOnGit), "\(reason)")
        #expect(reason.contains("SLIPWAY_COMMIT") && reason.contains("SOURCE_VERSION"))
    }

    @Test(arguments: [
        "#6 ERROR: \"/.gitignore\" not found: not found\nfailed to compute cache key: \"/.gitignore\" not found: not found\n",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat .github/x: file does not exist\n",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat app.git: file does not exist\n",
        // It went on from there.
        """
        Step 2/3 : RUN git describe || true
        fatal: not a git repository (or any of the parent directories): .git
        Step 3/3 : RUN make
        cc: error
        The command '/bin/sh -c make' returned a non-zero code: 2

        """,
        "#4 0.1 fatal: not a git repository (or any of the parent directories): .git\n#5 0.1 cc: error\n"
            + "#5 ERROR: executor failed running [/bin/sh -c make]: exit code: 2\nexecutor failed running [/bin/sh -c make]: exit code: 2\n",
    ])
    func `is silent about others`(_ output: String) {
        let result = CommandResult(exit: .code(1), tail: Array(output.utf8))
        let reason = DockerRefusal.ofBuild(result, .buildKit, .images(closed: [], known: []))
        #expect(!reason.contains("SLIPWAY_COMMIT"), "\(reason)")
    }
}
