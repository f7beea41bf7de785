"""What the law gives a contact (LGPD, Art. 18): a copy of everything that is known, and its erasure.

The one place that reaches across the floors: a contact's traces stand in the tables of each.
"""

from prosa.privacy.data_export import export
from prosa.privacy.erasure import erase
from prosa.privacy.traces import Traces, find

__all__ = ["Traces", "erase", "export", "find"]
