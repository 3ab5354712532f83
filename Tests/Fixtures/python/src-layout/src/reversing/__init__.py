from .words import reverse

__all__ = ["reverse"]
