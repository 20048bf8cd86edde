"""Calibrated class probabilities from the bits under each class."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError

#: Number of equal confidence intervals in a reliability diagram.
BINS = 10

#: Folds for cross-fitting, split by groups: each fold is calibrated by a fit to the others.
FOLDS = 5

#: Ranges of offsets and slopes to try, in nats; values per range; rounds of narrowing the search.
_START, _SLOPE, _TRIED, _ZOOMS = (-1.0, 5.0), (-0.3, 0.9), 13, 5


#: Minimum number of sprites in a bar: intervals with fewer are merged with a neighbor.
LEAST = 20

#: Confidence that all intervals of a diagram together hold the true accuracies.
SURE = 0.95

#: Number of bisections to find the end of an interval, to a part in a billion.
_HALVINGS = 30


@dataclass(frozen=True)
class Bar:
    """Sprites whose most probable class has a probability from ``low`` to ``high``."""

    low: float
    high: float
    count: int
    confidence: float  #: their mean probability
    right: float  #: share of sprites whose most probable class was right
    #: contains the true share, for all bars of a diagram at once with confidence SURE or more
    interval: tuple[float, float]

    @property
    def agrees(self) -> bool:
        """Whether the share that was right is compatible with the probability."""
        return self.interval[0] <= self.confidence <= self.interval[1]


def exact_interval(right: int, count: int, miss: float) -> tuple[float, float]:
    """Clopper and Pearson's interval for a share (1934), which misses it with probability ``miss``
    at most.

    An approximation by a normal distribution would miss more often near 0 and 1, where most
    probabilities of a good model are.
    """
    return _lower_end(right, count, miss / 2), 1 - _lower_end(count - right, count, miss / 2)


def _lower_end(right: int, count: int, miss: float) -> float:
    """The share at which ``right`` or more of ``count`` occur with probability ``miss``."""
    if right == 0:
        return 0.0
    logs = np.concatenate([[0.0], np.log(np.arange(1, count + 1)).cumsum()])  # of the factorials
    k = np.arange(right, count + 1)
    ways = logs[count] - logs[k] - logs[count - k]
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        tail = np.exp(ways + k * math.log(share) + (count - k) * math.log1p(-share)).sum()
        low, high = (share, high) if tail < miss else (low, share)
    return low


@dataclass(frozen=True)
class Reliability:
    """How often the most probable class was right, by confidence: the bars of a diagram.

    Measured on sprites that neither the model nor its calibration had seen.
    """

    #: number of sprites whose highest class probability lies in each of BINS equal intervals
    count: tuple[int, ...]
    #: mean confidence and accuracy for each interval; 0 if it is empty
    confidence: tuple[float, ...]
    right: tuple[float, ...]
    log_loss: float  #: mean of -log p(the class of the label), in nats; guessing gives log(classes)

    def __post_init__(self) -> None:
        if {len(self.count), len(self.confidence), len(self.right)} != {BINS}:
            raise ConfigError("A reliability diagram has {count} bars.", count=BINS)

    @classmethod
    def of(cls, probability: NDArray[np.float64], labels: NDArray[np.int64]) -> Reliability:
        """From probabilities (N, K) and the true classes (N,)."""
        sure, right = probability.max(axis=1), probability.argmax(axis=1) == labels
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        count = np.bincount(bins, minlength=BINS)
        means = [np.bincount(bins, values, BINS) / np.maximum(count, 1) for values in (sure, right)]
        own = probability[np.arange(len(labels)), labels]
        return cls(
            tuple(count.tolist()),
            tuple(means[0].tolist()),
            tuple(means[1].tolist()),
            float(-np.log(np.maximum(own, 1e-300)).mean()),
        )

    @property
    def sprites(self) -> int:
        return sum(self.count)

    def bars(self) -> tuple[Bar, ...]:
        """The bars of the diagram; those with few sprites are merged with a neighbor."""
        groups: list[list[int]] = [[]]
        for k, count in enumerate(self.count):
            if count and sum(self.count[i] for i in groups[-1]) >= LEAST:
                groups.append([])
            if count:
                groups[-1].append(k)
        if len(groups) > 1 and sum(self.count[i] for i in groups[-1]) < LEAST:
            last = groups.pop()
            groups[-1] += last
        miss = (1 - SURE) / len(groups)  # of each interval (Bonferroni)
        bars = []
        for group in groups if groups[0] else ():
            count = sum(self.count[k] for k in group)
            confidence, right = (
                sum(values[k] * self.count[k] for k in group) / count
                for values in (self.confidence, self.right)
            )
            ends = group[0] / BINS, (group[-1] + 1) / BINS
            interval = exact_interval(round(right * count), count, miss)
            bars.append(Bar(*ends, count, confidence, right, interval))
        return tuple(bars)

    @property
    def accuracy(self) -> float:
        """Share of sprites whose most probable class was right."""
        return float(np.dot(self.right, self.count) / self.sprites)

    @property
    def expected_error(self) -> float:
        """Expected calibration error (Guo et al. 2017): the mean gap between confidence and
        accuracy, 0 to 1.
        """
        apart = np.abs(np.subtract(self.confidence, self.right))
        return float(np.dot(apart, self.count) / self.sprites)


@dataclass(frozen=True)
class Calibration:
    """Bayes' rule at a temperature that rises with log-SNR (after Guo et al. 2017).

    p(c | x_0) ∝ exp(-sum over levels of L(c) / exp(start + slope log-SNR)), L the terms of the
    bound in nats. With both 0 it is plain Bayes' rule, which is right for a model without errors.
    The errors of a trained model, over hundreds of related values, have the same direction.
    """

    start: float  #: log of the temperature at log-SNR 0
    slope: float  #: its rise per unit of log-SNR
    #: measured on sprites that it was not fitted to; None = unknown
    reliability: Reliability | None = None

    def weights(self, log_snr: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights of the terms at these levels."""
        return np.asarray(np.exp(-(self.start + self.slope * log_snr)))


#: Bayes' rule without calibration.
BAYES = Calibration(0.0, 0.0)

#: The fit for the shipped model of drawn sprites: used for models without a calibration.
USUAL = Calibration(1.66, 0.27)


def class_probabilities(
    terms: NDArray[np.float64], log_snr: NDArray[np.float64], calibration: Calibration
) -> NDArray[np.float64]:
    """Probabilities (..., K), from the terms of the bound in nats, (..., K, S), at S levels."""
    return softmax(-(terms @ calibration.weights(log_snr)))


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The softmax over the last axis."""
    share = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(share / share.sum(axis=-1, keepdims=True))


def fitted(
    terms: NDArray[np.float64], log_snr: NDArray[np.float64], labels: NDArray[np.int64]
) -> Calibration:
    """The calibration with the lowest log loss, without its reliability.

    ``terms``: (N, K, S), in nats. ``labels``: (N,), the true class of each.
    """
    own = np.arange(len(labels))
    at = np.array([np.mean(_START), np.mean(_SLOPE)])
    reach = np.array([np.ptp(_START), np.ptp(_SLOPE)]) / 2
    for _ in range(_ZOOMS):
        tried = np.linspace(at - reach, at + reach, _TRIED).T
        losses = [
            (-np.log(class_probabilities(terms, log_snr, Calibration(start, slope))[own, labels]
             .clip(1e-300)).mean(), start, slope)
            for start in tried[0] for slope in tried[1]
        ]  # fmt: skip
        at = np.array(min(losses)[1:])
        reach = reach * 3 / _TRIED
    return Calibration(float(at[0]), float(at[1]))


def cross_fitted(
    terms: NDArray[np.float64],
    log_snr: NDArray[np.float64],
    labels: NDArray[np.int64],
    group: NDArray[np.int64],
) -> tuple[Calibration, NDArray[np.float64]]:
    """The calibration fitted to all sprites, and the cross-fitted probabilities (N, K).

    The sprites, of at least two groups, are divided into FOLDS by whole groups at random; its
    reliability is that of the probabilities from the fits that did not see the sprite.
    """
    groups, group = np.unique(group, return_inverse=True)
    fold = (np.random.default_rng(0).permutation(len(groups)) % FOLDS)[group.reshape(-1)]
    probability = np.empty(terms.shape[:2])
    for k in np.unique(fold):
        fit = fitted(terms[fold != k], log_snr, labels[fold != k])
        probability[fold == k] = class_probabilities(terms[fold == k], log_snr, fit)
    reliability = Reliability.of(probability, labels)
    return dataclasses.replace(fitted(terms, log_snr, labels), reliability=reliability), probability
