"""The emulated account: its sessions, their logs and life cycles, API keys, and the clock."""
