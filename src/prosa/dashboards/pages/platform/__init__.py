"""What the platform's operator does: companies, readings, the queue, inboxes that nobody has."""
