"""How well closure detection does on a JSONL file of labelled items, and how fast.

    python bench/closure.py FILE [--misses]

Items are those of `prosa closure score` with `label` (1 ends here, 0 goes on, null is not counted)
and maybe `kind`.
"""

import argparse
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from prosa.conversations.closure import Turn, Verdict, score

Scored = tuple[dict[str, Any], Verdict]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--misses", action="store_true", help="print every wrong item with its reasons")
    options = parser.parse_args()
    items = [
        json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    scored = [(item, judge(item)) for item in items]
    counted = [(item, verdict) for item, verdict in scored if item.get("label") is not None]
    for threshold in (0.6, 0.8):
        print(f"at {threshold}: {figures(counted, threshold)}")
    report_kinds(scored)
    if options.misses:
        print_misses(counted)
    print(f"{microseconds(items):.0f} µs a message")


def judge(item: dict[str, Any]) -> Verdict:
    turns = [Turn(turn["message_owner"], turn.get("body")) for turn in item.get("history") or []]
    return score(turns, item["message"], metadata=item.get("metadata"))


def figures(scored: list[Scored], threshold: float) -> str:
    """Precision, recall and F1 of "score at or above the threshold" against label 1."""
    found = [item["label"] for item, verdict in scored if verdict.score >= threshold]
    right, wanted = sum(found), sum(item["label"] for item, _ in scored)
    precision, recall = right / max(len(found), 1), right / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f} ({wanted} of {len(scored)} end)"


def report_kinds(scored: list[Scored]) -> None:
    kinds = defaultdict(list)
    for item, verdict in scored:
        kinds[str(item.get("kind")), str(item.get("label"))].append(verdict.score)
    for (kind, label), scores in sorted(kinds.items()):
        confirmed, closed = (sum(s >= t for s in scores) for t in (0.6, 0.8))
        print(f"  {kind:32} label {label:4} n {len(scores):4}  ≥0.6 {confirmed:4}  ≥0.8 {closed:4}")


def print_misses(scored: list[Scored]) -> None:
    for item, verdict in scored:
        false_close = item["label"] == 0 and verdict.score >= 0.6
        missed = item["label"] == 1 and verdict.score < 0.8
        if false_close or missed:
            ours = [turn["body"] for turn in item.get("history") or [] if turn["message_owner"] != "user"][
                -1:
            ]
            print(f"\n{item['id']} [{item.get('kind')}] label {item['label']} score {verdict.score}")
            print(f"  us:   {' '.join(str(body) for body in ours)[-300:]}\n  them: {item['message'][:300]}")
            print("  " + "; ".join(f"{r.name} {r.weight:+.2f} {r.text!r}" for r in verdict.reasons))


def microseconds(items: list[dict[str, Any]], rounds: int = 5) -> float:
    """Median over rounds of the processor time of the whole file divided by its items."""

    def one_round() -> float:
        start = time.process_time()
        for item in items:
            judge(item)
        return (time.process_time() - start) / len(items)

    return statistics.median(one_round() for _ in range(rounds)) * 1e6


if __name__ == "__main__":
    main()
