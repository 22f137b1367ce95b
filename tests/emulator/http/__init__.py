"""The HTTP side: connections, replies, compression and the request log."""
