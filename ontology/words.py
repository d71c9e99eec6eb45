"""Eight bytes at a time, for compiled kernels: numba itself reads them one by one."""

from __future__ import annotations

import sys
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_WORD: Final = ir.IntType(64)


def _load_word(context: Any, data: Any, at: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        proxy: Any = cgutils.create_struct_proxy
        array = proxy(signature.args[0])(target, builder, arguments[0])
        offset = target.cast(builder, arguments[1], signature.args[1], types.intp)
        pointer = builder.bitcast(builder.gep(array.data, [offset]), _WORD.as_pointer())
        word = builder.load(pointer)
        word.align = 1
        return word if sys.byteorder == "little" else builder.bswap(word)

    return types.uint64(data, at), build


def _lowest_byte(context: Any, mask: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        zeros = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.lshr(zeros, ir.Constant(_WORD, 3))

    return types.int64(types.uint64), build


def _load_byte(context: Any, data: Any, at: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        proxy: Any = cgutils.create_struct_proxy
        array = proxy(signature.args[0])(target, builder, arguments[0])
        offset = target.cast(builder, arguments[1], signature.args[1], types.intp)
        return builder.zext(builder.load(builder.gep(array.data, [offset])), _WORD)

    return types.int64(data, at), build


def _store_word(context: Any, data: Any, at: Any, word: Any) -> Any:
    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        proxy: Any = cgutils.create_struct_proxy
        array = proxy(signature.args[0])(target, builder, arguments[0])
        offset = target.cast(builder, arguments[1], signature.args[1], types.intp)
        pointer = builder.bitcast(builder.gep(array.data, [offset]), _WORD.as_pointer())
        value = arguments[2] if sys.byteorder == "little" else builder.bswap(arguments[2])
        builder.store(value, pointer).align = 1
        return target.get_dummy_value()

    return types.void(data, at, types.uint64), build


load_byte: Final[Any] = intrinsic(_load_byte)
"""``data[at]`` (uint8) as int64; no bounds check, and none for negative ``at``."""

store_word: Final[Any] = intrinsic(_store_word)
"""Put a uint64 in ``data[at : at + 8]`` (uint8), its lowest byte first; no bounds check."""

load_word: Final[Any] = intrinsic(_load_word)
"""``data[at : at + 8]`` (uint8) as one uint64, the first byte the lowest; no bounds check."""

lowest_byte: Final[Any] = intrinsic(_lowest_byte)
"""Index of the lowest byte of a uint64, not 0, that has a bit set."""
