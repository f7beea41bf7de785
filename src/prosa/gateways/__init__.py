"""The outside world: Chatwoot's tables, Twilio, language models, mail, stored media, and HTTP to addresses of strangers."""
