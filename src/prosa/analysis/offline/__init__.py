"""The offline analyser: word lists and rules, no network, no key; the default without a key."""
