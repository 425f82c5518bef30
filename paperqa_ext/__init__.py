"""Paper recommendations whose citations are real: an extension of LLaMA-Factory."""

__version__ = "0.1.0"
