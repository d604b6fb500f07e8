#include <zlib.h>

// A function-like macro, which Swift does not import. 31: the largest window, in gzip's framing; 8: the usual memory.
static inline int czlib_gzip_init(z_stream *stream) {
    return deflateInit2(stream, Z_BEST_COMPRESSION, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
