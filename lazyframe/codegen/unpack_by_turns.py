"""What a kernel does with two pages of numbers that are compressed with Snappy: it unpacks them by turns.

Where the next byte to look at is follows from the bytes before, which takes longer than the work on them:
some ten cycles for a few bytes as they are and the copy behind them.  Two pages do not wait for each other.

Text that the kernel puts where it has two such pages; see `lazyframe.codegen.decode_pages`.
"""

from __future__ import annotations


def _shape(tag: int) -> int:
    kind = tag & 3
    if kind == 1:
        return ((tag >> 2 & 7) + 4) | 255 << 8 | (tag >> 5) << 8 << 24
    return (tag >> 2) + 1 | 65535 << 8 if kind == 2 else 255


SHAPES = tuple([_shape(tag) for tag in range(256)])
"""Of each tag of a copy, in a word: its length, or 255 if it is no such copy; which bits of the two bytes
behind it say how far back; and what is to be added to these."""

# One to four bytes as they are, and a copy of up to eight from as many or more before: of most numbers some
# bytes are new, and nearly all of such a page is this.  Both are read from one word, without a branch.
_ROUND = """
                        word = load_bytes(chunk, at_{0}, uint64(0))
                        tag = int64(word & uint64(255))
                        copied = word >> uint64((tag << 1) + 16 & 63)
                        shape = shapes[int64(copied & uint64(255))]
                        size = int64(shape & uint64(255))
                        back = int64((copied >> uint64(8)) & (shape >> uint64(8)) & uint64(65535))
                        back += int64(shape >> uint64(24))
                        if tag & 243 != 0 or size > 8 or back < 8 or back > put_{0} - base_{0}:
                            break
                        store_bytes(page, put_{0}, word >> uint64(8))
                        put_{0} += (tag >> 2) + 1
                        store_bytes(page, put_{0}, load_bytes(page, put_{0} - back, uint64(0)))
                        put_{0} += size
                        at_{0} += (tag >> 2) + int64(copied & uint64(3)) + 3
"""

# Whatever else there is at `at`, as it is or a copy, and the copy behind what is as it is.
_STEP = """
                        word = load_bytes(chunk, at, uint64(0))
                        tag = int64(word & uint64(255))
                        if tag & 3 == 0:
                            size = (tag >> 2) + 1
                            at += 1
                            if size > 60:
                                extra = size - 60
                                size = int64(load_bytes(chunk, at, uint32(0)))
                                size = (size & ((int64(1) << (extra << 3)) - 1)) + 1
                                at += extra
                            if size > stop - at or size > end - put:
                                return 1
                            if size <= 16:
                                copy_bytes(page, put, chunk, at)
                            else:
                                for k in range(size):
                                    page[put + k] = chunk[at + k]
                            at += size
                            put += size
                            word = load_bytes(chunk, at, uint64(0))
                            tag = int64(word & uint64(255))
                        if tag & 3 != 0 and at < stop:
                            near = tag & 3 == 1
                            size = select(near, ((tag >> 2) & 7) + 4, (tag >> 2) + 1)
                            low = int64((word >> uint64(8)) & uint64(65535))
                            back = select(near, ((tag >> 5) << 8) | (low & 255), low)
                            if tag & 3 == 3:
                                back = int64(load_bytes(chunk, at + 1, uint32(0)))
                                at += 1
                            at += (tag & 3) + 1
                            if uint64(back - 1) >= uint64(put - base) or size > end - put:
                                return 1
                            if back >= 16:
                                for k in range(0, size, 16):
                                    copy_bytes(page, put + k, page, put + k - back)
                            elif back >= 8:
                                for k in range(put, put + size, 8):
                                    store_bytes(page, k, load_bytes(page, k - back, uint64(0)))
                            else:
                                for k in range(size):
                                    page[put + k] = page[put + k - back]
                            put += size
"""

# Before the first page: none has been begun with another.
NONE_AHEAD = """
    ahead = int64(-1)
    ahead_at = int64(0)
    ahead_put = int64(0)
"""

_ROOM = "at_0 <= stop_0 - 8 and put_0 <= end_0 - 24 and at_1 <= stop_1 - 8 and put_1 <= end_1 - 24"

# From where two pages begin to where one is nearly at its end, or where much was something else.  Neither is
# written behind its end, as the other may be there, but for the bytes that every page has behind it.
ROUNDS = f"""
                begin = at_0 - 2048
                odd = int64(0)
                while {_ROOM} and odd << 5 <= at_0 - begin:
                    while {_ROOM}:
{_ROUND.format(0)}
{_ROUND.format(1)}
                    odd += 1
                    for lane in range(2):
                        at = select(lane == 0, at_0, at_1)
                        stop = select(lane == 0, stop_0, stop_1)
                        put = select(lane == 0, put_0, put_1)
                        base = select(lane == 0, base_0, base_1)
                        end = select(lane == 0, end_0, end_1)
{_STEP}
                        at_0 = select(lane == 0, at, at_0)
                        put_0 = select(lane == 0, put, put_0)
                        at_1 = select(lane == 0, at_1, at)
                        put_1 = select(lane == 0, put_1, put)
"""
