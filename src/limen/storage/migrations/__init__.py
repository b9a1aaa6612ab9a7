"""The steps that lead an older store to today's tables; run by `limen.storage.migrate`."""
