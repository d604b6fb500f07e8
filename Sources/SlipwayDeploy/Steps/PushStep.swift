import SlipwayCore

/// Publishes the image that was built.
struct PushStep: PublishingStep {
    func image(_ run: JobRun, _ context: StepContext) async throws -> BuiltImage {
        try context.products.image
    }
}
