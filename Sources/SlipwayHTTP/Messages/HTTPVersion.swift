/// The versions that are spoken; a later 1.x counts as 1.1 (RFC 9110, section 2.5).
package enum HTTPVersion: Sendable, Comparable {
    case http10
    case http11
}
