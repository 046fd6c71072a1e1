"""The suite's flags and what they say of themselves. Standard library only: `mockserver --help` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRADES = ("documented", "observed", "assumed")

FLAGS: Mapping[str, Mapping[str, Any]] = {
    "--target": {"metavar": "URL", "help": "Judge the deployment at this base URL, not a mock of its own."},
    "--allow-host": {
        "metavar": "HOST",
        "action": "append",
        "help": "Only this machine may be judged unasked; any other host has to be named. May be repeated.",
    },
    "--write": {
        "action": "store_true",
        "help": "Create, change and delete on the target: what the suite has made itself, and nothing else.",
    },
    "--write-permanent": {
        "action": "store_true",
        "help": "Create, too, what no API can remove again: incidents, their updates, imported documents.",
    },
    "--scope": {
        "metavar": "PATH",
        "action": "append",
        "help": "Only paths that begin like this are asked for; laws that need others are not judged. "
        "A * stands for one segment. May be repeated.",
    },
    "--deployment": {
        "metavar": "FILE",
        "help": "YAML: the credentials and ids of the target, instead of CONTRACT_* variables.",
    },
    "--plan": {
        "action": "store_true",
        "help": "Send nothing to the target; say what would be sent and created there.",
    },
    "--max-requests": {"metavar": "N", "help": "No more requests than this leave for the target."},
    "--max-time": {"metavar": "TIME", "help": "None later than this after the start: 90s, 10m, 1h."},
    "--rate": {"metavar": "N/s|m|h", "help": "No faster than this."},
    "--connections": {"metavar": "N", "help": "Connections to the target at a time.  [default: 1]"},
    "--patience": {
        "metavar": "TIME",
        "help": "How long a request waits for a rate limit before it counts as inconclusive.  [default: 2m]",
    },
    "--answer-timeout": {"metavar": "TIME", "help": "How long an answer may take.  [default: 30s]"},
    "--ca-file": {"metavar": "FILE", "help": "Certificates to trust instead of the usual ones."},
    "--ledger": {
        "metavar": "FILE",
        "help": "Where everything is written down before it is created.  [default: contract-ledger-<run>.jsonl, which "
        "goes when nothing is left]",
    },
    "--contract-seed": {
        "metavar": "N",
        "help": "Generated requests repeat from run to run.  [default: 1]",
    },
    "--fail-on": {
        "metavar": "GRADES",
        "help": "Which broken rules fail: documented, observed, assumed, separated by commas; the others warn. "
        "[default: documented,observed on a target, all on the mock]",
    },
    "--known": {
        "metavar": "FILE",
        "help": "YAML: known deviations, each with rule or test, reason, owner, expires.",
    },
    "--report-json": {"metavar": "FILE", "help": "Write all verdicts there as JSON."},
    "--report-html": {"metavar": "FILE", "help": "Write a page there for people, in one file."},
    "--report-junit": {"metavar": "FILE", "help": "Write JUnit XML there, with rule, grade and source."},
    "--bundles": {"metavar": "FOLDER", "help": "Write a folder there for each failure, to run it again."},
}
