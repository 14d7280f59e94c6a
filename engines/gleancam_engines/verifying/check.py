"""What a check is: the reference's answers to some pictures, against which others are held."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from gleancam_engines.pictures import Pictures
from gleancam_engines.precision import Precision
from gleancam_engines.receipt import Result


class Check(ABC):
    """The answers of a reference to pictures."""

    @abstractmethod
    def hold(self, subject: Pictures, precision: Precision, batches: Sequence[int]) -> Result:
        """Show the subject the same pictures, at each size of batch; the worst result counts.

        `precision` sets the bar. The subject stays open.

        Raises:
            PictureError: the pictures cannot tell a good model from a bad one.
            TensorError: the subject gave NaN or what it must not.
        """

    @abstractmethod
    def closeness(self, subject: Pictures) -> float:
        """Return how near the subject comes, 1 at most: finer than a result, and without a bar."""
