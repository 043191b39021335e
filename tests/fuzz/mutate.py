"""A byte-level mutator: cuts, flips, repeats, swaps and splices of a seed, drawn from a random generator."""

from __future__ import annotations

import random

TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b"\r", b"\n", b"\r\n", b",", b",,,,", b"=1+1", b"\x85\xa0", b"9" * 400,
    b"\xf0\x9f\x98\x80", b"\x84\x31\xa4\x39", b"1.4E+17", b"-1", b"{", b"}", b"]", b"[[[[", b"null", b"1e999", b"\\u0000",
    b"\\ud800", b"<!DOCTYPE x [", b"&amp;", b"]]>", b"PK\x03\x04", "姓名".encode(), "工号,工号".encode("gb18030"),
)  # fmt: skip


def mutate(rng: random.Random, seed: bytes, times: int = 3) -> bytes:
    """`seed` after up to `times` mutations."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, times)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.randint(1, 64))
        match rng.randrange(7):
            case 0:
                del data[at:to]
            case 1:
                del data[at:]
            case 2:
                data[at:at] = rng.choice(TOKENS)
            case 3 if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)
            case 4:
                data[at:at] = bytes(data[at:to]) * rng.randint(1, 20)
            case 5:
                data[at:to] = rng.randbytes(rng.randint(0, 16))
            case _:
                other = rng.randrange(len(data) + 1)
                data[at:to], data[other:other] = b"", bytes(data[at:to])
    return bytes(data)
