"""What runs when: deployments, schedules, work pool, limits and automations; and `sites/`, the registry of sites."""
