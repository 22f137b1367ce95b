"""What a user would write with ``requests``: by_requests.py METHOD WORKERS < URLS.

GET: reads the pages and prints the number of stale sessions. PATCH: ends sessions without any check.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import requests
from requests.adapters import HTTPAdapter


def main() -> int:
    """Exit status: 0 if all answers were successful."""
    method, workers = sys.argv[1], int(sys.argv[2])
    addresses = sys.stdin.read().split()
    before = datetime.now(timezone.utc) - timedelta(days=7)
    session = requests.Session()
    session.trust_env = False
    session.headers["apiKey"] = os.environ["BENCHMARK_KEY"]
    session.mount("http://", HTTPAdapter(pool_maxsize=workers))

    def ask(address: str) -> int:
        answer = session.request(method, address, timeout=30)
        answer.raise_for_status()
        if method != "GET":
            return 0
        return sum(
            item["state"] == "running" and datetime.fromisoformat(f"{item['created_at'][:19]}+00:00") < before
            for item in answer.json()["items"]
        )

    if workers == 1:
        print(sum(map(ask, addresses)))
        return 0
    with ThreadPoolExecutor(workers) as pool:
        print(sum(pool.map(ask, addresses)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
