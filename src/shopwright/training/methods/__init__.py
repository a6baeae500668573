"""The training methods, one module each."""
