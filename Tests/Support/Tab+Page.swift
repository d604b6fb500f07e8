import Foundation

extension Tab {
    /// Whether the page, as a person sees it, is what the server draws now: without what differs from one drawing to the
    /// next, and what is the reader's own.
    package func isLikeFresh() async throws -> Bool {
        try await text(
            """
            (async () => {
                const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
                const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
                const plain = (body) => {
                    const copy = body.cloneNode(true);
                    for (const part of copy.querySelectorAll("footer, [data-kept], [data-since]")) part.remove();
                    for (const field of copy.querySelectorAll("[name=csrf]")) field.removeAttribute("value");
                    for (const name of ["open", "style"]) {
                        for (const part of copy.querySelectorAll(`[${name}]`)) part.removeAttribute(name);
                    }
                    return copy.innerHTML;
                };
                return plain(document.body) === plain(fresh.body);
            })()
            """) == "true"
    }

    /// Where SLIPWAY_PICTURES names a folder: what is seen now, for a person to look at.
    package func save(as name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["SLIPWAY_PICTURES"], !folder.isEmpty else { return }
        let file = String(name.map { $0 == "/" ? "-" : $0 })
        try await picture().write(to: URL(filePath: "\(folder)/\(file).png"))
    }
}
