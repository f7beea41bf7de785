"""What the operator of the platform does: companies, readings, the queue, inboxes that nobody has."""
