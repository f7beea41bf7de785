"""Understanding conversations: one result type, an offline analyser and one that asks a language model."""
