"""Who is asking, what they may do, and what keeps others from asking in their name."""
