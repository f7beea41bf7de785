"""HTTP: the REST API, Twilio's webhooks, the login pages, and the guard before the dashboards. `app.py` puts it together.

- The REST API, a module a resource, with its bodies in `*_models.py`: `conversations`, `messages`, `message_media`,
  `ai_results`, `analytics`, `exports`, `audit_export`, `reports`, `conversions`, `label_rules`, `remarketing`, `campaigns`,
  `webhook_endpoints`. Who may call what: `session`, `access`. What is refused, and how that is said: `limits`, `errors`,
  `wording`; pages of lists: `paging`; the API's description: `description`, `problems`.
- Twilio: `twilio`, `twilio_status`, `twilio_signature`, with `batching`, `waking` and `recent_lookups` for throughput.
- Pages of our own, before the dashboards: `login`, `passwords`, `preferences`, `forms`.
- The dashboards' surroundings: `guard`, `shell`, `assets`, `media_ledger`.
- Round everything: `serving`, `observing`, `origin`, `lenient`.
"""
