"""The API: one resource a file, each with its own request and response models."""
