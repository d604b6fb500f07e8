/// Waits for room on the disk, for a full one fails no job: what tests write is on it too, the work tree here, their
/// containers on the engine.
struct DiskRoom: JobPart {
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        // Nothing is written where the image is there already.
        if products.knownImage == nil { try await run.rest(run.parts.limits.roomPause, while: run.parts.shortage) }
        return products
    }
}
