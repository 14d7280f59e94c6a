"""The daemon's own numbers, read back from its metrics."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families


class Counts:
    """One reading of `/metrics`."""

    def __init__(self, exposition: str) -> None:
        self._samples = [
            (sample.name.removeprefix("gleancam_").removesuffix("_total"), sample.labels, value)
            for family in text_string_to_metric_families(exposition)
            for sample in family.samples
            for value in (float(sample.value),)
            if not sample.name.endswith("_created")
        ]

    def total(self, name: str, **labels: str) -> int:
        """Sum a counter over every series that carries `labels`; 0 where there is none."""
        return int(sum(value for _, value in self._matching(name, labels)))

    def by(self, name: str, label: str, **labels: str) -> dict[str, int]:
        """Sum a counter for each value of one label, in order of the values."""
        sums: dict[str, int] = {}
        for found, value in self._matching(name, labels):
            sums[found[label]] = sums.get(found[label], 0) + int(value)
        return dict(sorted(sums.items()))

    def _matching(
        self, name: str, labels: dict[str, str]
    ) -> Iterator[tuple[dict[str, str], float]]:
        return (
            (found, value)
            for sample_name, found, value in self._samples
            if sample_name == name and labels.items() <= found.items()
        )
