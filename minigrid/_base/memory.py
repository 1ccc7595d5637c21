"""Makes the C library keep the memory of temporary arrays, so that it need not ask the system for pages each time.

glibc returns blocks of 128 kilobytes and more to the system as soon as they are freed. Once a larger block was freed,
it keeps blocks up to that size, and twice as much in all (mallopt(3), the dynamic threshold). This does no harm with
other libraries.
"""

import numpy as np

_LARGEST_BLOCK = 2**23 - 2**12  # bytes


def keep_freed_memory() -> None:
    """Free an untouched block of eight megabytes, so that the C library keeps freed blocks up to this size."""
    np.empty(_LARGEST_BLOCK, dtype=np.uint8)
