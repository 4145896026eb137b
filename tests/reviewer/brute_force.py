#!/usr/bin/env python3
"""Who is dominated and what is redundant among the models of model_scores.csv, pair by pair, in
whole numbers, from the words of daemon/decisions/0011-proposals.md alone.

    brute_force.py FILE [OUT]

Prints a JSON of counts and the SHA-256 of the findings, a line each and sorted; they go to OUT.
"""
import csv
import hashlib
import json
import sys
from decimal import Decimal

SCORES = ["ifeval", "bbh", "math_lvl5", "gpqa", "musr", "mmlu_pro"]
TOLERANCE_PERCENT = 2
GROUP_MAX = 16


def millionths(text):
    value = Decimal(text) * 1_000_000
    assert value == int(value), text
    return int(value)


def read(path):
    """(id, cost, qualities): ids are name and rank, as names occur twice; a model of unknown size
    (-1 or 0 in the file) costs nothing as far as anybody knows."""
    models = []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cost = max(0, 10 * millionths(row["params_b"]))
            models.append((row["model"] + "#" + row["src_rank"], cost,
                           tuple(millionths(row[score]) for score in SCORES)))
    return models


def find_dominators(models):
    """Of each model who dominates it. All have the same capabilities."""
    dominators = {}
    for name, cost, (a, b, c, d, e, f) in models:
        by = []
        for other, price, (p, q, r, s, t, u) in models:
            if price > cost or p < a or q < b or r < c or s < d or t < e or u < f or other == name:
                continue
            more = p > a or q > b or r > c or s > d or t > e or u > f
            if price < cost or more or other < name:
                by.append((price, other))
        dominators[name] = by
    return dominators


def near(one, other):
    for a, b in zip(one, other):
        if abs(a - b) * 100 > TOLERANCE_PERCENT * max(abs(a), abs(b)):
            return False
    return True


def find_groups(models):
    ordered = sorted((name, qualities) for name, _, qualities in models)
    in_group = set()
    groups = []
    for i, (name, qualities) in enumerate(ordered):
        if name in in_group:
            continue
        group = [(name, qualities)]
        for later in ordered[i + 1:]:
            if len(group) == GROUP_MAX:
                break
            if later[0] not in in_group and all(near(member[1], later[1]) for member in group):
                group.append(later)
        if len(group) >= 2:
            names = [member[0] for member in group]
            in_group.update(names)
            groups.append(names)
    return groups


def main():
    models = read(sys.argv[1])
    dominators = find_dominators(models)
    lines = []
    for name, by in dominators.items():
        if by:
            _, who = min(pair for pair in by if not dominators[pair[1]])
            lines.append(f"dominated {name} by {who}")
    dominated = len(lines)
    groups = find_groups(models)
    lines += ["redundant " + " ".join(names) for names in groups]
    text = "".join(line + "\n" for line in sorted(lines))
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            out.write(text)
    print(json.dumps({
        "models": len(models),
        "dominated": dominated,
        "groups": len(groups),
        "grouped": sum(len(names) for names in groups),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }))


if __name__ == "__main__":
    main()
