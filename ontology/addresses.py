"""Bytes at addresses, for compiled kernels: arrays passed around cost counts of references.

Nothing is checked: callers see to it that eight bytes from every address are theirs.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

_BYTE: Final = ir.IntType(8)
_WORD: Final = ir.IntType(64)
_LITTLE: Final = sys.byteorder == "little"


def _get_byte(context: Any, address: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(_pointer(builder, arguments[0], _BYTE)), _WORD)

    return types.int64(types.int64), build


def _get_word(context: Any, address: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = builder.load(_pointer(builder, arguments[0], _WORD))
        word.align = 1
        return word if _LITTLE else builder.bswap(word)

    return types.uint64(types.int64), build


def _put_byte(context: Any, address: Any, byte: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        narrow = builder.trunc(arguments[1], _BYTE)
        builder.store(narrow, _pointer(builder, arguments[0], _BYTE))
        return target.get_dummy_value()

    return types.void(types.int64, types.int64), build


def _put_word(context: Any, address: Any, word: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = arguments[1] if _LITTLE else builder.bswap(arguments[1])
        builder.store(value, _pointer(builder, arguments[0], _WORD)).align = 1
        return target.get_dummy_value()

    return types.void(types.int64, types.uint64), build


def _as_pointer(context: Any, address: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _pointer(builder, arguments[0], _BYTE)

    return types.voidptr(types.int64), build


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


as_pointer: Final[Any] = intrinsic(_as_pointer)
"""What ``numba.carray`` makes an array of."""

get_byte: Final[Any] = intrinsic(_get_byte)
"""Byte at an address (int64), as int64."""

get_word: Final[Any] = intrinsic(_get_word)
"""Eight bytes at an address as one uint64, the first byte the lowest."""

put_byte: Final[Any] = intrinsic(_put_byte)
"""Put the lowest byte of an int64 at an address."""

put_word: Final[Any] = intrinsic(_put_word)
"""Put a uint64 at an address, its lowest byte first."""

__all__ = ["as_pointer", "get_byte", "get_word", "put_byte", "put_word"]
