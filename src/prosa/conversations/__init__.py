"""The one conversation store: states, messages, and the detection of their end."""
