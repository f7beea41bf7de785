"""What an administrator does for their tenant; an operator who looks into it as well."""
