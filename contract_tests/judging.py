"""One process of a run: what it judges, through which guard, and what it knows of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from contract_tests import needs, preflight
from contract_tests.deployment import Deployment, given_by_file, given_by_variables
from contract_tests.exchange import Exchange
from contract_tests.guard.allow import allowed
from contract_tests.guard.guard import Guard, GuardSettings
from contract_tests.mocks import running_mock
from contract_tests.news import Additions
from contract_tests.options import Misuse, Options
from contract_tests.rules import PROVIDERS
from contract_tests.transport import Labelled

MOCK_FLAGS = ("--rate-limit", "off", "--check-responses", "--webhook-retry-scale", "0")
