"""`Idempotency-Key`: the first answer is kept for retries, without what is gone since."""
