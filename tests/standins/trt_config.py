"""`tensorrt`: how to build, and what earlier builds have timed."""

from __future__ import annotations

from typing import Any

from standins.things import Thing

TIMED = b"standin timing "


class TimingCache(Thing):
    """What was timed, by version and device; it counts builds in place of kernels."""

    def _begin(self, content: bytes) -> None:
        self._content = content

    def serialize(self) -> Any:
        return self._space.make("IHostMemory", self._content)

    def reset(self) -> bool:
        self._content = b""
        return True

    def combine(self, input_cache: TimingCache, ignore_mismatch: bool) -> bool:  # noqa: FBT001 - TensorRT's signature
        self._content += input_cache._content
        return True


class Config(Thing):
    def _begin(self) -> None:
        flags = self._module.BuilderFlag
        self._flags: set[Any] = {flags.TF32}  # on by default, says its documentation
        self._pools: dict[Any, int] = {}
        self._profiles: list[Any] = []
        self._timing: TimingCache | None = None

    # Declared for those who read it; the surface makes the attribute.
    progress_monitor: Any

    @property
    def num_optimization_profiles(self) -> int:
        return len(self._profiles)

    def set_flag(self, flag: Any) -> None:
        self._flags.add(flag)

    def clear_flag(self, flag: Any) -> None:
        self._flags.discard(flag)

    def get_flag(self, flag: Any) -> bool:
        return flag in self._flags

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        self._pools[pool] = int(pool_size)

    def get_memory_pool_limit(self, pool: Any) -> int:
        return self._pools.get(pool, self._machine.memory_bytes)

    def add_optimization_profile(self, profile: Any) -> int:
        if not profile:
            return -1
        self._profiles.append(profile)
        return len(self._profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: Any) -> Any:
        content = bytes(memoryview(serialized_timing_cache))
        if content and not content.startswith(TIMED):
            return None
        return self._space.make("ITimingCache", content)

    def set_timing_cache(self, cache: TimingCache, ignore_mismatch: bool) -> bool:  # noqa: FBT001 - TensorRT's signature
        if cache._content and not cache._content.startswith(self._header()) and not ignore_mismatch:
            return False
        self._timing = cache
        return True

    def get_timing_cache(self) -> Any:
        return self._timing

    def _header(self) -> bytes:
        major, minor = self._machine.compute_capability
        return TIMED + f"{self._module.__version__} sm{major}{minor} ".encode()

    def _count_build(self) -> None:
        if self._timing is not None:
            content = self._timing._content or self._header()
            self._timing._content = content + b"."
