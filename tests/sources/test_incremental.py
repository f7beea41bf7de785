"""Incremental equals full: after any changes, what a tenant has is what a fresh load gives."""

import random
