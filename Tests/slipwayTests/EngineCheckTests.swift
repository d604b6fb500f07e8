import Foundation
import SlipwayCore
import SlipwayDeploy
import TestSupport
import Testing

@testable import slipway

@Suite struct EngineCheckTests {
    private func facts(_ version: String) -> EngineFacts? {
        EngineFacts("linux/x86_64 \(version) cgroupfs 2 25276510208\n")
    }

    @Test func `an engine is read from what docker info prints`() throws {
        let engine = try #require(facts("20.10.24+dfsg1"))
        #expect(engine.platform == "linux/amd64" && engine.version == "20.10.24+dfsg1" && engine.driver == "cgroupfs")
        #expect(engine.processors == 2 && engine.memoryBytes == 25_276_510_208)
        #expect(EngineFacts("/  0 0") == nil)
    }

    @Test(
        arguments: [
            ("20.10.24+dfsg1", true), ("19.03.15", true), ("23.0.7", true), ("23.0.8", false), ("24.0.8", true),
            ("24.0.9-1", false), ("25.0.1", true), ("25.0.2", false), ("25.0.10", false), ("26.0.0", false),
            ("28.2.2", false),
        ])
    func `engines that may have known breakouts are warned of, by their version`(_ version: String, _ may: Bool) throws
    {
        let finding = try #require(facts(version)).breakouts
        #expect((finding != nil) == may)
        if let finding {
            #expect(finding.level == .warning)
            #expect(finding.text.contains("may have CVE-2024-23651") && finding.text.contains("distributions mend"))
        }
    }

    @Test func `only engines before 23 need the group as their default`() throws {
        #expect(try #require(facts("20.10.24")).takesParentFromDefaultOnly)
        #expect(try !#require(facts("23.0.0")).takesParentFromDefaultOnly)
    }

    // MARK: Control groups

    @Test func `limits of version 2 are read, the tightest above counts`() throws {
        let groups = try TemporaryFolder()
        try groups.write("cpu memory pids\n", to: "cgroup.controllers")
        try groups.write("1073741824\n", to: "slipway.slice/memory.max")
        try groups.write("max\n", to: "slipway.slice/slipway-builds.slice/memory.max")
        try groups.write("8192\n", to: "slipway.slice/slipway-builds.slice/pids.max")
        try groups.write("150000 100000\n", to: "slipway.slice/slipway-builds.slice/cpu.max")
        let group = ControlGroup(parent: "slipway-builds.slice", root: groups.path)
        #expect(group.exists && !group.hasSeenBuildKit)
        #expect(group.limits == ControlGroup.Limits(memoryBytes: 1 << 30, processes: 8192, processors: 1.5))
    }

    @Test func `limits of version 1 are read, and a number that is none`() throws {
        let groups = try TemporaryFolder()
        try groups.write("9223372036854771712\n", to: "memory/builds/memory.limit_in_bytes")
        try groups.write("", to: "memory/builds/buildkit/tasks")
        try groups.write("max\n", to: "pids/builds/pids.max")
        try groups.write("190000\n", to: "cpu,cpuacct/builds/cpu.cfs_quota_us")
        try groups.write("100000\n", to: "cpu,cpuacct/builds/cpu.cfs_period_us")
        let group = ControlGroup(parent: "/builds", root: groups.path)
        #expect(group.exists && group.hasSeenBuildKit)
        #expect(group.limits == ControlGroup.Limits(memoryBytes: nil, processes: nil, processors: 1.9))
        #expect(!ControlGroup(parent: "/other", root: groups.path).exists)
        try groups.write("", to: "memory/a.slice/a-b.slice/tasks")
        for parent in ["/a.slice/a-b.slice", "a-b.slice"] {
            #expect(ControlGroup(parent: parent, root: groups.path).exists)
        }
    }

    @Test func `the unit in packaging is a slice with limits, under the name that the documentation has`() throws {
        let unit = try String(contentsOfFile: Program.repository + "/packaging/slipway-builds.slice", encoding: .utf8)
        for limit in ["MemoryMax=", "TasksMax=", "CPUQuota="] { #expect(unit.contains("\n" + limit)) }
        let sample = try String(contentsOfFile: Program.repository + "/examples/slipway.yml", encoding: .utf8)
        #expect(sample.contains("cgroup_parent: slipway-builds.slice"))
    }
}
