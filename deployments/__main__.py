"""`python -m deployments`: bring the server that PREFECT_API_URL names to what this folder says."""

import argparse
import asyncio

from deployments.apply import apply

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Create or update pool, deployments and automations.")
    parser.add_argument("--no-schedules", action="store_true", help="Nothing runs by itself.")
    applied = asyncio.run(apply(schedules=not parser.parse_args().no_schedules))
    for name in (applied.pool, *applied.deployments, *applied.automations):
        print(f"= {name}")
