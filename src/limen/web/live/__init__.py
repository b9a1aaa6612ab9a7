"""The doors of this process: threads that keep them, frames of kiosks in, what to say and show out."""
