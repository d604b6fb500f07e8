#include <zlib.h>

// A function-like macro, which Swift does not import. 16 more than the window's bits: in gzip's framing.
static inline int czlib_gzip_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, 16 + window_bits, memory_level, Z_DEFAULT_STRATEGY);
}
