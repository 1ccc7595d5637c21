"""Memory for temporary arrays: kept by the C library, so that it need not be asked for page by page each time.

glibc hands blocks of 128 kilobytes and more back to the system as soon as they are freed, until it has once seen a
larger one freed: from then on it keeps blocks up to that size, and twice as much in all (mallopt(3), the dynamic
threshold). Other libraries are none the worse for it.
"""

import numpy as np

_LARGEST_BLOCK = 2**23 - 2**12  # bytes


def keep_freed_memory() -> None:
    """Free one block of eight megabytes, which nobody has written to, so that freed ones up to its size are kept."""
    np.empty(_LARGEST_BLOCK, dtype=np.uint8)
