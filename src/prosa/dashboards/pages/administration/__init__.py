"""What administrators do for their tenant, and operators who look into it."""
