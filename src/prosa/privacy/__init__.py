"""What the law entitles a contact to (LGPD, Art. 18): a copy of everything that is known, and its erasure.

This is the one place that reaches across the floors: a contact's traces are in the tables of all of them.
"""

from prosa.privacy.data_export import export
from prosa.privacy.erasure import erase
from prosa.privacy.traces import Traces, find

__all__ = ["Traces", "erase", "export", "find"]
