"""What an administrator does for his tenant; an operator who looks into it as well."""
