"""The output of a benchmark."""

import json
import statistics
from collections.abc import Sequence


def report(
    name: str,
    runs: Sequence[float],
    unit: str,
    goal: float,
    detail: dict,
    *,
    more_is_better: bool = False,
) -> None:
    """Print the median of ``runs`` as the value; ``goal`` is a maximum, or a minimum."""
    value = statistics.median(runs)
    print(
        json.dumps(
            {
                "name": name,
                "value": round(value, 3),
                "unit": unit,
                "goal": goal,
                "ok": value >= goal if more_is_better else value <= goal,
                "detail": {"runs": [round(run, 3) for run in runs], **detail},
            }
        ),
        flush=True,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0..1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
