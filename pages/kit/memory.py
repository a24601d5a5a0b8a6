"""Remembers what takes long to compute, for all sessions of this process."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    size: int


class Memory:
    """A bounded memory: what was not used for longest is forgotten first.

    Whoever asks for what another thread is just computing waits for it, and computes nothing.
    """

    def __init__(self, *, most_entries: int, most_bytes: int) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._byte_count = 0
        self._lock = threading.Lock()
        self._computing: dict[Hashable, threading.Lock] = {}

    def remember(
        self, key: Hashable, compute: Callable[[], Value], size: Callable[[Value], int]
    ) -> Value:
        """Return what is remembered under a key, else what `compute` returns; nobody changes it."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return cast(Value, self._entries[key].value)
            turn = self._computing.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._entries:
                    return cast(Value, self._entries[key].value)
            try:
                value = compute()
                self._keep(key, _Entry(value, size(value)))
            finally:
                with self._lock:
                    self._computing.pop(key, None)
            return value

    def recall(self, key: Hashable) -> Any:
        """Return what is remembered under a key; None where nothing is."""
        with self._lock:
            entry = self._entries.get(key)
            return entry and entry.value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._byte_count = 0

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            self._entries[key] = entry
            self._byte_count += entry.size
            while len(self._entries) > self._most_entries or (
                self._byte_count > self._most_bytes and len(self._entries) > 1
            ):
                _, oldest = self._entries.popitem(last=False)
                self._byte_count -= oldest.size
