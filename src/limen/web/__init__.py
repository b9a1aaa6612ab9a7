"""The service: API, the page at the door, the console and self-service; it asks flows and decides nothing itself."""
