"""Results on their way from an executor: a pickle, and beside it each table as a Parquet file."""

from __future__ import annotations

import io
import os
import pickle
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def pack(result: object, *, folder: Path, name: str) -> bytes:
    """The result as bytes; its tables become files in `folder` whose names begin with `name`.

    A file appears whole or not at all, and a second attempt at the same piece of work replaces it.
    """
    stream = io.BytesIO()
    _Packer(stream, folder, name).dump(result)
    return stream.getvalue()


def unpack(parcel: bytes, *, folder: Path) -> Any:
    """The result again, equal to the last bit, with the same types of columns."""
    return _Unpacker(io.BytesIO(parcel), folder).load()


def write_whole(table: pa.Table, file: Path) -> None:
    """Write a Parquet file that nobody sees before it is complete."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    pq.write_table(table, draft, compression="zstd")
    os.replace(draft, file)


class _Packer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, folder: Path, name: str) -> None:
        super().__init__(stream, protocol=5)
        self._folder, self._name, self._count = folder, name, 0

    def persistent_id(self, obj: object) -> Any:
        if type(obj) is not pd.DataFrame or not _plain(obj):
            return None
        file = f"{self._name}-{self._count:03d}.parquet"
        self._count += 1
        write_whole(pa.Table.from_pandas(obj, preserve_index=False), self._folder / file)
        return file, {name: obj[name].dtype for name in obj.columns}


class _Unpacker(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, folder: Path) -> None:
        super().__init__(stream)
        self._folder = folder

    def persistent_load(self, pid: tuple[str, dict[str, Any]]) -> pd.DataFrame:
        file, dtypes = pid
        table = pq.read_table(self._folder / file)
        return pd.DataFrame({name: _column(table[name], dtype) for name, dtype in dtypes.items()}, copy=False)


def _plain(frame: pd.DataFrame) -> bool:
    """Whether Parquet can hold the table: numbers, dates and texts under distinct names, rows counted from 0."""
    counted = isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0 and frame.index.step == 1
    named = all(isinstance(name, str) for name in frame.columns) and frame.columns.is_unique
    if not (counted and named and len(frame.columns)):
        return False
    return all(_texts(frame[c]) if frame[c].dtype == object else frame[c].dtype.kind in "biufMO" for c in frame.columns)


def _texts(column: pd.Series) -> bool:
    return all(value is None or type(value) is str for value in column)


def _column(values: pa.ChunkedArray, dtype: Any) -> Any:
    if isinstance(dtype, np.dtype) and dtype.hasobject:
        return pd.Series(np.array(values.to_pylist() or [], dtype=object), dtype=object)
    return values.to_pandas().astype(dtype)
