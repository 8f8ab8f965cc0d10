"""What kernels do with a page before they look at its values: unpack it, and read its definition levels.

Source text that they put where they have a page; see `lazyframe.codegen.decode_pages`.
"""

from __future__ import annotations

# A number of seven bits a byte.  Thrift's compact protocol has a header of each field, and such a number for
# all that is wanted: `at` is behind the header when it is read.  The runs of an unpacked page begin with one.
SEVEN_BITS_A_BYTE = """
{0}number = int64(0)
{0}shift = int64(0)
{0}while True:
{0}    if at >= {2} or shift > {3}:
{0}        return 1
{0}    byte = int64({1}[at])
{0}    at += 1
{0}    number |= (byte & 127) << shift
{0}    shift += 7
{0}    if byte < 128:
{0}        break
"""

# Copies of what stands eight bytes before are what ascending keys of eight bytes become: of each only the
# lowest byte is new, and keys that come again and again are one copy more.  What was written last is in a
# register then, as memory that was just written to in other pieces is long in coming back.  `tail` is the
# last eight bytes, `size` those that are copied: up to 64 are written, as many as there are behind a page.  A
# round has a few bytes or none, such a copy, and where this is short another one or none, without a branch
# between them.  If there were some of one byte and a copy of seven, the processor foresees more of them.
_REPEAT_EIGHT_BYTES = """
                    tail = load_bytes(page, put - 8, uint64(0))
                    alike = int64(0)
                    while True:
                        for k in range(8):
                            store_bytes(page, put + (k << 3), tail)
                        put += size
                        turned = uint64((size & 7) << 3)
                        tail = (tail >> turned) | (tail << (uint64(64) - turned & uint64(63)))
                        word = load_bytes(chunk, at, uint64(0))
                        if alike > 3:
                            alike = int64(0)
                            while word & uint64(0xFFFF00FF) == uint64(0x080D0000):
                                if end - put < 8 or stop - at < 4:
                                    break
                                tail = (tail >> uint64(8) << uint64(8)) | ((word >> uint64(8)) & uint64(255))
                                store_bytes(page, put, tail)
                                put += 8
                                at += 4
                                word = load_bytes(chunk, at, uint64(0))
                        tag = int64(word & uint64(255))
                        few = select(tag & 3 == 0, (tag >> 2) + 1, 0)
                        if few > 4:
                            break
                        skipped = few + select(tag & 3 == 0, 1, 0)
                        copied = word >> uint64(skipped << 3)
                        near = copied & uint64(0xFFE3) == uint64(0x0801)
                        if not (near | (copied & uint64(0xFFFF03) == uint64(0x0802))):
                            break
                        tag = int64(copied & uint64(255))
                        size = select(near, ((tag >> 2) & 7) + 4, (tag >> 2) + 1)
                        skipped += select(near, 2, 3)
                        copied = word >> uint64((skipped << 3) & 63)
                        near = copied & uint64(0xFFE3) == uint64(0x0801)
                        again = near | (copied & uint64(0xFFFF03) == uint64(0x0802))
                        again &= (skipped <= 5) & (size <= 8)
                        tag = int64(copied & uint64(255))
                        more = select(near, ((tag >> 2) & 7) + 4, (tag >> 2) + 1)
                        before = select(again, size, 0)
                        size = select(again, more, size)
                        skipped += select(again, select(near, 2, 3), 0)
                        alike = select(again, 0, alike + 1)
                        if few + before + size > end - put or skipped > stop - at:
                            break
                        store_bytes(page, put, word >> uint64(8))
                        put += few
                        tail >>= uint64(few << 3)
                        tail |= word >> uint64(8) << uint64(56 - (few << 3)) << uint64(8)
                        store_bytes(page, put, tail)
                        put += before
                        turned = uint64((before & 7) << 3)
                        tail = (tail >> turned) | (tail << (uint64(64) - turned & uint64(63)))
                        at += skipped
"""

# From bytes `at` to `stop` of `chunk` to `length` bytes of `page` from `base` on.  Most of what is compressed
# well enough to matter is a few bytes as they are and then a copy, again and again, so one round does both;
# whatever is short is copied as sixteen bytes, as what is too much is written over by what follows.
_UNPACK_SNAPPY = f"""
            number = int64(0)
            shift = int64(0)
            while True:
                if at >= stop or shift > 28:
                    return 1
                byte = int64(chunk[at])
                at += 1
                number |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            if number != length:
                return 1
            put = base
            end = base + length
{{begun}}
            while at < stop:
                word = load_bytes(chunk, at, uint64(0))
                tag = int64(word & uint64(255))
                if tag & 3 == 0:
                    size = (tag >> 2) + 1
                    if size <= 16:
                        if size > end - put:
                            return 1
                        copy_bytes(page, put, chunk, at + 1)
                        put += size
                        at += size + 1
                        if size <= 4:
                            word >>= uint64((size + 1) << 3)
                        else:
                            word = load_bytes(chunk, at, uint64(0))
                    else:
                        at += 1
                        if size > 60:
                            extra = size - 60
                            if at + extra > stop:
                                return 1
                            size = int64(load_bytes(chunk, at, uint32(0)))
                            size = (size & ((int64(1) << (extra << 3)) - 1)) + 1
                            at += extra
                        if size > end - put or size > stop - at:
                            return 1
                        for k in range(size):
                            page[put + k] = chunk[at + k]
                        put += size
                        at += size
                        word = load_bytes(chunk, at, uint64(0))
                    if at >= stop:
                        break
                    tag = int64(word & uint64(255))
                    if tag & 3 == 0:
                        continue
                near = tag & 3 == 1
                size = select(near, ((tag >> 2) & 7) + 4, (tag >> 2) + 1)
                low = int64((word >> uint64(8)) & uint64(255))
                back = select(near, ((tag >> 5) << 8) | low, int64((word >> uint64(8)) & uint64(65535)))
                if tag & 3 == 3:
                    back = int64(load_bytes(chunk, at + 1, uint32(0)))
                    at += 1
                at += (tag & 3) + 1
                if uint64(back - 1) >= uint64(put - base) or size > end - put:
                    return 1
                if back >= 16:
                    copy_bytes(page, put, page, put - back)
                    if size > 16:
                        for k in range(16, size, 16):
                            copy_bytes(page, put + k, page, put + k - back)
                elif back == 8:
{_REPEAT_EIGHT_BYTES}
                    continue
                elif back >= 8:
                    for k in range(0, size, 8):
                        store_bytes(page, put + k, load_bytes(page, put + k - back, uint64(0)))
                else:
                    for k in range(size):
                        page[put + k] = page[put + k - back]
                put += size
            if at != stop or put != end:
                return 1
"""


def unpack(begun: str = "") -> str:
    """Unpack a page, or copy one that is not compressed, to where it is wanted.

    Levels of a page of version 2 stand before what is compressed, and are put behind what becomes of it.

    Parameters
    ----------
    begun : str
        What is done before what is compressed is read from `at` to `stop`, and put from `put` to `end`.
    """
    return f"""
        before_packed = select(level_bytes > 0, level_bytes, int64(0))
        if before_packed > length or before_packed > stop - at:
            return 1
        own_levels = at
        at += before_packed
        length -= before_packed
        if is_packed and stop > at:
{_UNPACK_SNAPPY.format(begun=begun)}
        else:
            if stop - at != length:
                return 1
            for k in range(length):
                page[base + k] = chunk[at + k]
        length += base
        for k in range(before_packed):
            page[length + k] = chunk[own_levels + k]
"""


# Where levels begin and end: in pages of version 1 a number of their bytes is before them.
_FIRST_LEVEL = """
        here = values
        at = base
        stop = length
        if levels:
            at = length
            stop = length + level_bytes
            if level_bytes < 0:
                if length - base < 4:
                    return 1
                at = base + 4
                stop = at + int64(load_bytes(page, base, uint32(0)))
                if stop > length:
                    return 1
            there = int64(0)
"""
_LAST_LEVEL = """
            if at != stop:
                return 1
            at = select(level_bytes < 0, at, base)
            stop = length
"""

# Then past the definition levels, which say that no value is missing: values are bytes `at` to `stop`.
PAST_LEVELS = f"""
{_FIRST_LEVEL}
            while there < values:
{SEVEN_BITS_A_BYTE.format(" " * 16, "page", "stop", 28)}
                if number & 1 == 0:
                    if at >= stop or page[at] != 1 or number == 0:
                        return 1
                    at += 1
                    there += number >> 1
                else:
                    size = number >> 1
                    if size == 0 or size > stop - at:
                        return 1
                    for k in range(size):
                        left = values - there
                        mask = int64(255)
                        if left < 8:
                            mask = (int64(1) << left) - 1
                        if int64(page[at + k]) & mask != mask:
                            return 1
                        there += select(left < 8, left, int64(8))
                    at += size
{_LAST_LEVEL}
"""

MISSING = ", marks, fill"

# Likewise where values may be missing: whether each is there goes to `marks`, and how many are to `here`.
MARKED_LEVELS = f"""
{_FIRST_LEVEL}            here = int64(0)
            while there < values:
{SEVEN_BITS_A_BYTE.format(" " * 16, "page", "stop", 28)}
                size = number >> 1
                if size == 0:
                    return 1
                if number & 1 == 0:
                    if at >= stop or page[at] > 1:
                        return 1
                    level = page[at]
                    at += 1
                    if size > values - there:
                        size = values - there
                    for k in range(size):
                        marks[there + k] = level
                    here += size * int64(level)
                    there += size
                else:
                    if size > stop - at:
                        return 1
                    count = size << 3
                    if count > values - there:
                        count = values - there
                    for k in range(count):
                        level = (page[at + (k >> 3)] >> uint8(k & 7)) & uint8(1)
                        marks[there + k] = level
                        here += int64(level)
                    there += count
                    at += size
{_LAST_LEVEL}
"""


def spread_present(width: int) -> str:
    """Move the values that are there, which stand side by side, to their places, the last first."""
    return f"""
        if here < values:
            left = here
            for k in range(values):
                target = first + values - 1 - k
                if marks[values - 1 - k]:
                    left -= 1
                    value = load_bytes(out, (first + left) * {width}, uint{8 * width}(0))
                    store_bytes(out, target * {width}, value)
                else:
                    store_bytes(out, target * {width}, uint{8 * width}(fill))
"""
