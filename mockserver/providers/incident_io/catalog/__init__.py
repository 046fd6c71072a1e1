"""What an organisation has configured: severities, statuses, types, roles, timestamps and custom fields."""
